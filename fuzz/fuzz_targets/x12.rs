//! Any bytes as an X12 file.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| itembridge_fuzz::x12_target::run(bytes));
