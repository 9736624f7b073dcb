//! E1xx: the envelope: interchange, functional group and transaction set, their counts and control numbers.

use crate::domain::diagnostic::Answer::{Group, Interchange, None, Set};
use crate::domain::rules::rules;

rules! {
    NO_INTERCHANGE = "E101", Error, Interchange("022"), "no interchange header found",
        cause: "the file does not begin with an ISA segment, or it is no X12 file",
        help: "ask the partner for the whole interchange, from ISA to IEA";
    INTERCHANGE_TRAILER_MISSING = "E103", Error, Interchange("023"), "interchange without its IEA trailer",
        cause: "the file was cut off in transfer, or a terminator was lost",
        help: "ask the partner to send the interchange again";
    SET_NOT_SUPPORTED = "E119", Error, Set("1"), "transaction set not supported",
        cause: "the partner sends a document that nobody agreed on, or the set id is mistyped",
        help: "agree on the transaction set with the partner, or ask for the right one";
}

/// Uses of the answers that this family may give; keeps the imports honest while the family grows.
#[expect(dead_code, reason = "filled by the envelope reader")]
const ANSWERS: [crate::domain::diagnostic::Answer; 2] = [Group("4"), None];
