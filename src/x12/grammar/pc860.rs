//! 860, the change of a purchase order.
//!
//! Unites 004010 and 005010.

use super::Usage::{Mandatory as M, Optional as O};
use super::{MANY, Part, TransactionSetDef, looped, seg, set};

pub static PC_860: TransactionSetDef = set(
    "860",
    "PC",
    "Purchase Order Change Request - Buyer Initiated",
    &[
        seg("BCH", M, 1),
        seg("CUR", O, 1),
        seg("REF", O, MANY),
        seg("PER", O, 3),
        seg("TAX", O, MANY),
        seg("FOB", O, MANY),
        seg("CTP", O, MANY),
        seg("PAM", O, 10),
        seg("CSH", O, 5),
        looped(O, 25, &[seg("SAC", M, 1), seg("CUR", O, 1)]),
        seg("ITD", O, 5),
        seg("DIS", O, 20),
        seg("INC", O, 1),
        seg("DTM", O, 10),
        seg("LDT", O, 12),
        seg("LIN", O, 5),
        seg("SI", O, MANY),
        seg("PID", O, 200),
        seg("MEA", O, 40),
        seg("PWK", O, 25),
        seg("PKG", O, 200),
        seg("TD1", O, 2),
        seg("TD5", O, 12),
        seg("TD3", O, 12),
        seg("TD4", O, 5),
        seg("CTB", O, MANY),
        seg("MAN", O, 10),
        seg("G53", O, MANY),
        seg("TXI", O, MANY),
        seg("PCT", O, MANY),
        looped(O, MANY, LEAD_TIME),
        looped(O, MANY, AMOUNT),
        looped(O, 1_000, NOTE),
        looped(O, 200, NAME),
        looped(O, MANY, &[seg("LM", M, 1), seg("LQ", M, MANY)]),
        looped(O, MANY, SPECIFICATION),
        looped(O, MANY, &[seg("ADV", M, 1), seg("DTM", O, MANY), seg("MTX", O, MANY)]),
        looped(O, MANY, LINE),
        looped(O, 1, &[seg("CTT", M, 1), seg("AMT", O, 5)]),
    ],
);

const LINE: &[Part] = &[
    seg("POC", M, 1),
    seg("LIN", O, MANY),
    seg("SI", O, MANY),
    seg("CUR", O, 1),
    seg("CN1", O, 1),
    seg("PO3", O, 25),
    seg("CTP", O, MANY),
    seg("PAM", O, 10),
    seg("MEA", O, 40),
    looped(O, 1_000, &[seg("PID", M, 1), seg("MEA", O, 10)]),
    seg("PWK", O, 25),
    seg("PKG", O, 200),
    seg("PO4", O, MANY),
    seg("REF", O, MANY),
    seg("PER", O, 3),
    looped(O, 25, &[seg("SAC", M, 1), seg("CUR", O, 1)]),
    seg("IT8", O, 1),
    seg("CSH", O, MANY),
    seg("ITD", O, 2),
    seg("DIS", O, 20),
    seg("INC", O, 1),
    seg("TAX", O, MANY),
    seg("FOB", O, MANY),
    seg("SDQ", O, 500),
    seg("DTM", O, 10),
    seg("TD1", O, 1),
    seg("TD5", O, 12),
    seg("TD3", O, 12),
    seg("TD4", O, 5),
    seg("MAN", O, 10),
    seg("PCT", O, MANY),
    seg("TC2", O, 2),
    seg("CTB", O, MANY),
    seg("TXI", O, MANY),
    seg("SPI", O, MANY),
    seg("MSG", O, MANY),
    seg("MTX", O, MANY),
    looped(O, MANY, &[seg("QTY", M, 1), seg("SI", O, MANY)]),
    looped(O, 200, LINE_SCHEDULE),
    looped(O, 1_000, NOTE),
    looped(O, 1, LINE_LEAD_TIMES),
    looped(O, 200, LINE_NAME),
    looped(O, 1_000, SUBLINE),
    looped(O, MANY, &[seg("AMT", M, 1), seg("REF", O, MANY), seg("PCT", O, MANY)]),
    looped(O, MANY, &[seg("LM", M, 1), seg("LQ", M, MANY)]),
];

const SUBLINE: &[Part] = &[
    seg("SLN", M, 1),
    seg("MSG", O, MANY),
    seg("MTX", O, MANY),
    seg("SI", O, MANY),
    seg("PID", O, 1_000),
    seg("PO3", O, 104),
    seg("MEA", O, MANY),
    seg("TC2", O, 2),
    looped(O, 10, &[seg("SAC", M, 1), seg("CUR", O, 1)]),
    seg("DTM", O, 10),
    seg("CTP", O, 25),
    seg("PAM", O, 10),
    seg("PO4", O, 1),
    seg("TAX", O, 3),
    seg("ADV", O, MANY),
    looped(O, MANY, &[seg("QTY", M, 1), seg("SI", O, MANY)]),
    looped(O, MANY, SUBLINE_NOTE),
    looped(O, 10, SUBLINE_NAME),
];

const SUBLINE_NAME: &[Part] = &[
    seg("N1", M, 1),
    seg("N2", O, 2),
    seg("IN2", O, MANY),
    seg("N3", O, 2),
    seg("N4", O, 1),
    seg("NX2", O, MANY),
    seg("REF", O, 12),
    seg("PER", O, 3),
    seg("SI", O, MANY),
];

const SUBLINE_NOTE: &[Part] =
    &[seg("N9", M, 1), seg("DTM", O, MANY), seg("MSG", O, MANY), seg("MTX", O, MANY)];

const LINE_NAME: &[Part] = &[
    seg("N1", M, 1),
    seg("N2", O, 2),
    seg("IN2", O, MANY),
    seg("N3", O, 2),
    seg("N4", O, 1),
    seg("QTY", O, MANY),
    seg("NX2", O, MANY),
    seg("REF", O, 12),
    seg("PER", O, 3),
    seg("SI", O, MANY),
    seg("DTM", O, 1),
    seg("FOB", O, 1),
    seg("SCH", O, 200),
    seg("TD1", O, 2),
    seg("TD5", O, 12),
    seg("TD3", O, 12),
    seg("TD4", O, 5),
    seg("PKG", O, 200),
    looped(O, MANY, LINE_LEAD_TIME_2),
];

const LINE_LEAD_TIME_2: &[Part] = &[
    seg("LDT", M, 1),
    seg("MAN", O, 10),
    seg("QTY", O, 5),
    seg("MSG", O, 1),
    seg("MTX", O, MANY),
    seg("REF", O, 3),
];

const LINE_LEAD_TIMES: &[Part] = &[seg("LS", M, 1), looped(M, MANY, LINE_LEAD_TIME), seg("LE", M, 1)];

const LINE_LEAD_TIME: &[Part] = &[
    seg("LDT", M, 1),
    seg("QTY", O, MANY),
    seg("MSG", O, 1),
    seg("MTX", O, MANY),
    seg("REF", O, 3),
    looped(O, MANY, &[seg("LM", M, 1), seg("LQ", M, MANY)]),
];

const LINE_SCHEDULE: &[Part] = &[
    seg("SCH", M, 1),
    seg("TD1", O, 2),
    seg("TD5", O, 12),
    seg("TD3", O, 12),
    seg("TD4", O, 5),
    seg("REF", O, MANY),
];

const SPECIFICATION: &[Part] = &[
    seg("SPI", M, 1),
    seg("REF", O, 5),
    seg("DTM", O, 5),
    seg("MSG", O, 50),
    seg("MTX", O, MANY),
    looped(O, 20, SPECIFICATION_NAME),
    looped(O, MANY, SPECIFICATION_CONTRACT),
];

const SPECIFICATION_CONTRACT: &[Part] = &[
    seg("CB1", M, 1),
    seg("REF", O, 20),
    seg("DTM", O, 5),
    seg("LDT", O, 1),
    seg("MSG", O, 50),
    seg("MTX", O, MANY),
];

const SPECIFICATION_NAME: &[Part] = &[
    seg("N1", M, 1),
    seg("N2", O, 2),
    seg("N3", O, 2),
    seg("N4", O, 1),
    seg("REF", O, 20),
    seg("G61", O, 1),
    seg("MSG", O, 50),
    seg("MTX", O, MANY),
];

const NAME: &[Part] = &[
    seg("N1", M, 1),
    seg("N2", O, 2),
    seg("IN2", O, MANY),
    seg("N3", O, 2),
    seg("N4", O, MANY),
    seg("NX2", O, MANY),
    seg("REF", O, 12),
    seg("PER", O, MANY),
    seg("SI", O, MANY),
    seg("FOB", O, 1),
    seg("TD1", O, 2),
    seg("TD5", O, 12),
    seg("TD3", O, 12),
    seg("TD4", O, 5),
    seg("PKG", O, 200),
];

const NOTE: &[Part] = &[
    seg("N9", M, 1),
    seg("DTM", O, MANY),
    seg("MSG", O, 1_000),
    seg("MTX", O, MANY),
    seg("PWK", O, MANY),
    seg("EFI", O, MANY),
];

const AMOUNT: &[Part] = &[
    seg("AMT", M, 1),
    seg("REF", O, MANY),
    seg("DTM", O, 1),
    seg("PCT", O, MANY),
    looped(O, MANY, &[seg("FA1", M, 1), seg("FA2", M, MANY)]),
];

const LEAD_TIME: &[Part] = &[seg("LDT", M, 1), seg("QTY", O, MANY), seg("MTX", O, MANY), seg("REF", O, MANY)];
