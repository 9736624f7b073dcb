//! Tests of pr855.
