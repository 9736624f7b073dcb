//! 997, the answer to a functional group.

use super::Usage::{Mandatory as M, Optional as O};
use super::{MANY, Part, TransactionSetDef, looped, seg, set};

pub static FA_997: TransactionSetDef = set(
    "997",
    "FA",
    "Functional Acknowledgment",
    &[seg("AK1", M, 1), looped(O, MANY, ANSWER), seg("AK9", M, 1)],
);

const ANSWER: &[Part] =
    &[seg("AK2", M, 1), looped(O, MANY, &[seg("AK3", M, 1), seg("AK4", O, 99)]), seg("AK5", M, 1)];
