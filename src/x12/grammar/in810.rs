//! 810, the invoice.
//!
//! In 004010 there are at most 25 allowances and ten taxes where 005010 has no limit.

use super::Usage::{Mandatory as M, Optional as O};
use super::Version::{V004010, V005010};
use super::{MANY, Part, TransactionSetDef, looped, seg, set};

pub static IN_810: TransactionSetDef = set(
    "810",
    "IN",
    "Invoice",
    &[
        seg("BIG", M, 1),
        seg("NTE", O, 100),
        seg("CUR", O, 1),
        seg("REF", O, 12),
        seg("YNQ", O, 10),
        seg("PER", O, 3),
        looped(O, 200, NAME),
        seg("ITD", O, MANY),
        seg("DTM", O, 10),
        seg("FOB", O, 1),
        seg("PID", O, 200),
        seg("MEA", O, 40),
        seg("PWK", O, 25),
        seg("PKG", O, 25),
        seg("L7", O, 1),
        seg("BAL", O, MANY),
        seg("INC", O, 1),
        seg("PAM", O, MANY),
        seg("CRC", O, 1).since(V005010),
        looped(O, 10, &[seg("LM", M, 1), seg("LQ", M, 100)]),
        looped(O, 1, &[seg("N9", M, 1), seg("MSG", M, 10)]),
        looped(O, MANY, &[seg("V1", M, 1), seg("R4", O, MANY), seg("DTM", O, MANY)]),
        looped(O, MANY, &[seg("FA1", M, 1), seg("FA2", M, MANY)]),
        looped(O, 200_000, LINE),
        seg("TDS", M, 1),
        seg("TXI", O, MANY).max_in(V004010, 10),
        seg("CAD", O, 1),
        seg("AMT", O, MANY),
        looped(O, MANY, ALLOWANCE).max_in(V004010, 25),
        looped(O, MANY, &[seg("ISS", M, 1), seg("PID", O, 1)]),
        seg("CTT", O, 1),
    ],
);

const ALLOWANCE: &[Part] =
    &[seg("SAC", M, 1), seg("DTM", O, MANY).since(V005010), looped(O, MANY, TAX).max_in(V004010, 10)];

const LINE: &[Part] = &[
    seg("IT1", M, 1),
    seg("CRC", O, 1),
    seg("QTY", O, 5),
    seg("CUR", O, 1),
    seg("IT3", O, 5),
    seg("TXI", O, MANY).max_in(V004010, 10),
    seg("CTP", O, 25),
    seg("PAM", O, 10),
    seg("MEA", O, 40),
    looped(O, 1_000, &[seg("PID", M, 1), seg("MEA", O, 10)]),
    seg("PWK", O, 25),
    seg("PKG", O, 25),
    seg("PO4", O, 1),
    seg("ITD", O, 2),
    seg("REF", O, MANY),
    seg("YNQ", O, 10),
    seg("PER", O, 5),
    seg("SDQ", O, 500),
    seg("DTM", O, 10),
    seg("CAD", O, MANY),
    seg("L7", O, MANY),
    seg("SR", O, 1),
    looped(O, MANY, LINE_ALLOWANCE).max_in(V004010, 25),
    looped(O, 1_000, SUBLINE),
    looped(O, 200, NAME),
    looped(O, 10, &[seg("LM", M, 1), seg("LQ", M, 100)]),
    looped(O, MANY, &[seg("V1", M, 1), seg("R4", O, MANY), seg("DTM", O, MANY)]),
    looped(O, MANY, &[seg("FA1", M, 1), seg("FA2", M, MANY)]),
];

const SUBLINE: &[Part] = &[
    seg("SLN", M, 1),
    seg("DTM", O, 1),
    seg("REF", O, MANY),
    seg("PID", O, 1_000),
    seg("SAC", O, MANY).max_in(V004010, 25),
    seg("TC2", O, 2),
    seg("TXI", O, MANY).max_in(V004010, 10),
];

const LINE_ALLOWANCE: &[Part] = &[seg("SAC", M, 1), looped(O, MANY, TAX).max_in(V004010, 10)];

const NAME: &[Part] = &[
    seg("N1", M, 1),
    seg("N2", O, 2),
    seg("N3", O, 2),
    seg("N4", O, 1),
    seg("REF", O, 12),
    seg("PER", O, 3),
    seg("DMG", O, 1),
];

const TAX: &[Part] = &[seg("TXI", M, 1), seg("DTM", O, 1).since(V005010)];
