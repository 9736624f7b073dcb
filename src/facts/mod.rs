//! Facts: append-only Parquet for analysts and engines.

pub mod read;
pub mod schema;
pub mod write;

pub use write::{invoice_lines_parquet, order_lines_parquet, text_rows_parquet};

use crate::domain::Date;

/// Below the site: one file for each unit of a run, in a folder for each run date.
pub const ORDER_LINES_DIR: &str = "facts/order_lines";
pub const INVOICE_LINES_DIR: &str = "facts/invoice_lines";

/// `facts/order_lines/date=2026-11-21/run-20261121-001-0007.parquet`
pub fn order_lines_path(date: Date, run_id: &str, unit: u32) -> String {
    path(ORDER_LINES_DIR, date, run_id, unit)
}

/// `facts/invoice_lines/date=2026-11-21/run-20261121-001-0007.parquet`
pub fn invoice_lines_path(date: Date, run_id: &str, unit: u32) -> String {
    path(INVOICE_LINES_DIR, date, run_id, unit)
}

fn path(folder: &str, date: Date, run_id: &str, unit: u32) -> String {
    format!("{folder}/date={date}/run-{run_id}-{unit:04}.parquet")
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_file_stands_under_the_date_and_names_its_run_and_unit() {
        let day = date(2026, 3, 1);
        assert_eq!(
            order_lines_path(day, "20260301-002", 7),
            "facts/order_lines/date=2026-03-01/run-20260301-002-0007.parquet"
        );
        assert_eq!(
            invoice_lines_path(day, "20260301-002", 12345),
            "facts/invoice_lines/date=2026-03-01/run-20260301-002-12345.parquet"
        );
    }
}
