//! Facts: append-only Parquet for analysts and engines.
