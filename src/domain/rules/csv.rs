//! E5xx: CSV files: rows, columns and what stands in them.

use crate::domain::diagnostic::Answer::None;
use crate::domain::rules::rules;

rules! {
    COLUMN_MISSING = "E501", Error, None, "required column missing",
        cause: "the file has no header with the name that the layout gives",
        help: "correct the header, or the column's name in the partner's profile";
}
