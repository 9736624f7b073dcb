//! Any document that our writers accept is read back the same.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| itembridge_fuzz::round_trip_target::run(bytes));
