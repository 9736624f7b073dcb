//! 999, the answer to a functional group that knows implementation guides.

use super::Usage::{Mandatory as M, Optional as O};
use super::{MANY, Part, TransactionSetDef, looped, seg, set};

pub static FA_999: TransactionSetDef = set(
    "999",
    "FA",
    "Implementation Acknowledgment",
    &[seg("AK1", M, 1), looped(O, MANY, ANSWER), seg("AK9", M, 1)],
);

const ANSWER: &[Part] = &[seg("AK2", M, 1), looped(O, MANY, SEGMENT), seg("IK5", M, 1)];

const SEGMENT: &[Part] =
    &[seg("IK3", M, 1), seg("CTX", O, 10), looped(O, MANY, &[seg("IK4", M, 1), seg("CTX", O, 10)])];
