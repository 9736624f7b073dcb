//! 864, a text for people. Only read.

use super::Usage::{Mandatory as M, Optional as O};
use super::{MANY, Part, TransactionSetDef, looped, seg, set};

pub static TX_864: TransactionSetDef = set(
    "864",
    "TX",
    "Text Message",
    &[seg("BMG", M, 1), seg("DTM", O, 10), looped(O, 200, NAME), looped(M, MANY, MESSAGE)],
);

const NAME: &[Part] = &[
    seg("N1", M, 1),
    seg("N2", O, 2),
    seg("N3", O, 2),
    seg("N4", O, 1),
    seg("REF", O, 12),
    seg("PER", O, 3),
];

const MESSAGE: &[Part] = &[seg("MIT", M, 1), looped(O, 200, NAME), seg("MSG", M, 100_000)];
