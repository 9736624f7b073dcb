//! Tests of fa997.
