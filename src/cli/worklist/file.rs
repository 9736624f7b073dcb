//! A worklist as a file: its columns, what a spreadsheet must not take for a formula, and how it comes back.

use crate::cli::edited::Layout;
use crate::report::table::guarded;
use std::borrow::Cow;

/// The columns of the file, in its order.
pub(super) const COLUMNS: [&str; 28] = [
    "cause",
    "kind",
    "outcome",
    "customer",
    "customer_name",
    "qualifier",
    "customer_item",
    "description",
    "ordered_unit",
    "lines",
    "orders",
    "value_waiting",
    "currency",
    "first_seen",
    "oldest_requested",
    "ship_to",
    "suggestion",
    "suggestion_score",
    "suggestion_evidence",
    "decision",
    "item",
    "unit",
    "unit_factor",
    "scope",
    "valid_from",
    "ignore_until",
    "decided_by",
    "reason",
];

/// More rows than any worklist has: it is another file.
const ROWS_MAX: usize = 200_000;

/// A cell that a spreadsheet would run as a formula begins with an apostrophe, and so does one that looks so already, so that
/// [`bare`] gives every cell back as it was.
pub(super) fn protected(cell: &str) -> Cow<'_, str> {
    let behind = cell.trim_start_matches('\'');
    match guarded(behind) {
        Cow::Owned(_) => Cow::Owned(format!("'{cell}")),
        Cow::Borrowed(_) => Cow::Borrowed(cell),
    }
}

/// The cell without the apostrophe that [`protected`] put there.
pub(super) fn bare(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if matches!(guarded(rest.trim_start_matches('\'')), Cow::Owned(_)) => rest,
        _ => cell,
    }
}

/// What comes back.
pub(super) const LAYOUT: Layout = Layout {
    columns: &COLUMNS,
    required: &["cause", "decision"],
    others_may_repeat: true,
    rows_max: ROWS_MAX,
    too_many: "is it the right file?",
    bare,
};

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_protected_and_nothing_else() {
        for (cell, shown) in [
            ("=1+1", "'=1+1"),
            ("-5", "'-5"),
            ("@x", "'@x"),
            ("+x", "'+x"),
            ("\tx", "'\tx"),
            ("'=x", "''=x"),
            ("'x", "'x"),
            ("A-1", "A-1"),
            ("", ""),
        ] {
            assert_eq!(protected(cell), shown, "{cell:?}");
        }
    }

    proptest! {
        #[test]
        fn every_cell_comes_back_as_it_was(cell in "['=+@a\t-]{0,5}") {
            let shown = protected(&cell);
            prop_assert_eq!(bare(&shown), &cell);
        }
    }
}
