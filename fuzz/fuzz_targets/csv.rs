//! Any bytes as a CSV file of orders, of posted invoices, of sales.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| itembridge_fuzz::csv_target::run(bytes));
