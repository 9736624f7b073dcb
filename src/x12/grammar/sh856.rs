//! 856, the ship notice.
//!
//! 004010 and 005010 differ in hazardous materials and in the size of equipment alone.

use super::Usage::{Mandatory as M, Optional as O};
use super::Version::{V004010, V005010};
use super::{MANY, Part, TransactionSetDef, looped, seg, set};

pub static SH_856: TransactionSetDef = set(
    "856",
    "SH",
    "Ship Notice/Manifest",
    &[seg("BSN", M, 1), seg("DTM", O, 10), looped(M, 200_000, LEVEL), seg("CTT", O, 1)],
);

const LEVEL: &[Part] = &[
    seg("HL", M, 1),
    seg("LIN", O, 1),
    seg("SN1", O, 1),
    seg("SLN", O, 1_000),
    seg("PRF", O, 1),
    seg("PO4", O, 1),
    seg("PID", O, 200),
    seg("MEA", O, 40),
    seg("PWK", O, 25),
    seg("PKG", O, 25),
    seg("TD1", O, 20),
    seg("TD5", O, 12),
    looped(O, 12, &[seg("TD3", M, 1), seg("AT9", O, 1).since(V005010)]),
    seg("TD4", O, 5),
    seg("TSD", O, 1),
    seg("REF", O, MANY),
    seg("PER", O, 3),
    looped(O, 100, HAZARD),
    looped(O, 200, &[seg("CLD", M, 1), seg("REF", O, 200), seg("DTP", O, 1)]),
    seg("MAN", O, MANY),
    seg("DTM", O, 10),
    seg("FOB", O, 1),
    seg("PAL", O, 1),
    looped(O, 200, NAME),
    seg("SDQ", O, 50),
    seg("ETD", O, 1),
    seg("CUR", O, 1),
    looped(O, MANY, &[seg("SAC", M, 1), seg("CUR", O, 1)]),
    seg("GF", O, 1),
    seg("YNQ", O, 10),
    looped(O, 10, &[seg("LM", M, 1), seg("LQ", M, 100)]),
    looped(O, MANY, &[seg("V1", M, 1), seg("R4", O, MANY), seg("DTM", O, MANY)]),
];

const NAME: &[Part] = &[
    seg("N1", M, 1),
    seg("N2", O, 2),
    seg("N3", O, 2),
    seg("N4", O, 1),
    seg("REF", O, 12),
    seg("PER", O, 3),
    seg("FOB", O, 1),
];

const HAZARD: &[Part] = &[
    seg("LH1", M, 1),
    seg("LH2", O, 4),
    seg("LH3", O, 12),
    seg("LFH", O, 20),
    seg("LEP", O, MANY),
    seg("LH4", O, 4).max_in(V004010, 1),
    seg("LHT", O, 3),
    seg("LHR", O, 10),
    seg("PER", O, 5),
    seg("LHE", O, 1),
];
