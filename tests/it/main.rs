//! The one integration-test binary.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod tidy;
mod x12_oracle;
mod x12_reading;
