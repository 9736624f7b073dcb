//! 824, what became of a document of ours in the partner's own system. Only read.

use super::Usage::{Mandatory as M, Optional as O};
use super::Version::V005010;
use super::{MANY, Part, TransactionSetDef, looped, seg, set};

pub static AG_824: TransactionSetDef = set(
    "824",
    "AG",
    "Application Advice",
    &[seg("BGN", M, 1), looped(O, MANY, NAME), looped(M, MANY, ORIGINAL)],
);

const NAME: &[Part] = &[
    seg("N1", M, 1),
    seg("N2", O, 2),
    seg("N3", O, 2),
    seg("N4", O, 1),
    seg("REF", O, 12),
    seg("PER", O, 3),
];

const ORIGINAL: &[Part] = &[
    seg("OTI", M, 1),
    seg("REF", O, 12),
    seg("DTM", O, 2),
    seg("PER", O, 3),
    seg("AMT", O, MANY),
    seg("QTY", O, MANY),
    seg("NM1", O, 9),
    looped(O, MANY, ERROR),
    looped(O, MANY, &[seg("LM", M, 1), looped(M, 100, &[seg("LQ", M, 1), seg("RED", O, 100)])]),
];

const ERROR: &[Part] =
    &[seg("TED", M, 1), seg("CTX", O, 10).since(V005010), seg("NTE", O, 100), seg("RED", O, 100)];
