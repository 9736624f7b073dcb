//! Tests of in810.
