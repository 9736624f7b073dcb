//! 850, the purchase order.
//!
//! Unites 004010 and 005010: MSG (004010) and MTX (005010) stand side by side, and LDT of the heading is a loop in both
//! of its places.

use super::Usage::{Mandatory as M, Optional as O};
use super::{MANY, Part, TransactionSetDef, looped, seg, set};

pub static PO_850: TransactionSetDef = set(
    "850",
    "PO",
    "Purchase Order",
    &[
        seg("BEG", M, 1),
        seg("CUR", O, 1),
        seg("REF", O, MANY),
        seg("PER", O, 3),
        seg("TAX", O, MANY),
        seg("FOB", O, MANY),
        seg("CTP", O, MANY),
        seg("PAM", O, 10),
        seg("CSH", O, 5),
        seg("TC2", O, MANY),
        looped(O, 25, &[seg("SAC", M, 1), seg("CUR", O, 1)]),
        seg("ITD", O, MANY),
        seg("DIS", O, 20),
        seg("INC", O, 1),
        seg("DTM", O, 10),
        looped(O, 12, LEAD_TIME),
        seg("LIN", O, 5),
        seg("SI", O, MANY),
        seg("PID", O, 200),
        seg("MEA", O, 40),
        seg("PWK", O, 25),
        seg("PKG", O, 200),
        seg("TD1", O, 2),
        seg("TD5", O, MANY),
        seg("TD3", O, 12),
        seg("TD4", O, 5),
        seg("MAN", O, 10),
        seg("PCT", O, MANY),
        seg("CTB", O, 5),
        seg("TXI", O, MANY),
        looped(O, MANY, LEAD_TIME),
        looped(O, MANY, AMOUNT),
        looped(O, 1_000, NOTE),
        looped(O, 200, NAME),
        looped(O, MANY, CODES),
        looped(O, MANY, SPECIFICATION),
        looped(O, MANY, &[seg("ADV", M, 1), seg("DTM", O, MANY), seg("MTX", O, MANY)]),
        looped(M, 100_000, LINE),
        looped(O, 1, &[seg("CTT", M, 1), seg("AMT", O, 1)]),
    ],
);

const LEAD_TIME: &[Part] = &[seg("LDT", M, 1), seg("QTY", O, MANY), seg("MTX", O, MANY), seg("REF", O, MANY)];

const AMOUNT: &[Part] = &[
    seg("AMT", M, 1),
    seg("REF", O, MANY),
    seg("DTM", O, 1),
    seg("PCT", O, MANY),
    looped(O, MANY, &[seg("FA1", M, 1), seg("FA2", M, MANY)]),
];

const NOTE: &[Part] = &[
    seg("N9", M, 1),
    seg("DTM", O, MANY),
    seg("MSG", O, 1_000),
    seg("MTX", O, MANY),
    seg("PWK", O, MANY),
    seg("EFI", O, MANY),
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

const CODES: &[Part] = &[seg("LM", M, 1), seg("LQ", M, MANY)];

const SPECIFICATION: &[Part] = &[
    seg("SPI", M, 1),
    seg("REF", O, 5),
    seg("DTM", O, 5),
    seg("MSG", O, 50),
    seg("MTX", O, MANY),
    looped(
        O,
        20,
        &[
            seg("N1", M, 1),
            seg("N2", O, 2),
            seg("N3", O, 2),
            seg("N4", O, 1),
            seg("REF", O, 20),
            seg("G61", O, 1),
            seg("MSG", O, 50),
            seg("MTX", O, MANY),
        ],
    ),
    looped(
        O,
        MANY,
        &[
            seg("CB1", M, 1),
            seg("REF", O, 20),
            seg("DTM", O, 5),
            seg("LDT", O, 1),
            seg("MSG", O, 50),
            seg("MTX", O, MANY),
        ],
    ),
];

const LINE: &[Part] = &[
    seg("PO1", M, 1),
    seg("LIN", O, MANY),
    seg("SI", O, MANY),
    seg("CUR", O, 1),
    seg("CN1", O, 1),
    seg("PO3", O, 25),
    looped(O, MANY, &[seg("CTP", M, 1), seg("CUR", O, 1)]),
    seg("PAM", O, 10),
    seg("MEA", O, 40),
    looped(O, 1_000, &[seg("PID", M, 1), seg("MEA", O, 10)]),
    seg("PWK", O, 25),
    seg("PO4", O, MANY),
    seg("REF", O, MANY),
    seg("PER", O, 3),
    looped(O, 25, ALLOWANCE),
    seg("IT8", O, 1),
    seg("CSH", O, MANY),
    seg("ITD", O, 2),
    seg("DIS", O, 20),
    seg("INC", O, 1),
    seg("TAX", O, MANY),
    seg("FOB", O, MANY),
    seg("SDQ", O, 500),
    seg("IT3", O, 5),
    seg("DTM", O, 10),
    seg("TC2", O, MANY),
    seg("TD1", O, 1),
    seg("TD5", O, 12),
    seg("TD3", O, 12),
    seg("TD4", O, 5),
    seg("PCT", O, MANY),
    seg("MAN", O, 10),
    seg("MSG", O, MANY),
    seg("MTX", O, MANY),
    seg("SPI", O, MANY),
    seg("TXI", O, MANY),
    seg("CTB", O, MANY),
    looped(O, MANY, QUANTITY),
    looped(O, 200, SCHEDULE),
    looped(O, 200, &[seg("PKG", M, 1), seg("MEA", O, MANY)]),
    looped(O, 1, &[seg("LS", M, 1), looped(M, MANY, LINE_LEAD_TIME), seg("LE", M, 1)]),
    looped(O, 1_000, LINE_NOTE),
    looped(O, 200, LINE_NAME),
    looped(O, 1_000, SUBLINE),
    looped(O, MANY, &[seg("AMT", M, 1), seg("REF", O, MANY), seg("PCT", O, MANY)]),
    looped(O, MANY, CODES),
];

const ALLOWANCE: &[Part] = &[seg("SAC", M, 1), seg("CUR", O, 1), seg("CTP", O, 1)];

const QUANTITY: &[Part] = &[seg("QTY", M, 1), seg("SI", O, MANY)];

const SCHEDULE: &[Part] = &[
    seg("SCH", M, 1),
    seg("TD1", O, 2),
    seg("TD5", O, 12),
    seg("TD3", O, 12),
    seg("TD4", O, 5),
    seg("REF", O, MANY),
];

const LINE_LEAD_TIME: &[Part] = &[
    seg("LDT", M, 1),
    seg("QTY", O, MANY),
    seg("MSG", O, 1),
    seg("MTX", O, MANY),
    seg("REF", O, 3),
    looped(O, MANY, CODES),
];

const LINE_NOTE: &[Part] = &[
    seg("N9", M, 1),
    seg("DTM", O, MANY),
    seg("MEA", O, 40),
    seg("MSG", O, 1_000),
    seg("MTX", O, MANY),
    seg("PWK", O, MANY),
    seg("EFI", O, MANY),
];

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
    looped(
        O,
        MANY,
        &[
            seg("LDT", M, 1),
            seg("MAN", O, 10),
            seg("QTY", O, 5),
            seg("MSG", O, 1),
            seg("MTX", O, MANY),
            seg("REF", O, 3),
        ],
    ),
];

const SUBLINE: &[Part] = &[
    seg("SLN", M, 1),
    seg("MSG", O, MANY),
    seg("MTX", O, MANY),
    seg("SI", O, MANY),
    seg("PID", O, 1_000),
    seg("PO3", O, 104),
    seg("MEA", O, MANY),
    seg("TC2", O, MANY),
    seg("ADV", O, MANY),
    seg("DTM", O, 10),
    seg("CTP", O, 25),
    seg("PAM", O, 10),
    seg("PO4", O, 1),
    seg("TAX", O, 3),
    looped(O, MANY, &[seg("N9", M, 1), seg("DTM", O, MANY), seg("MSG", O, MANY), seg("MTX", O, MANY)]),
    looped(O, 25, ALLOWANCE),
    looped(O, MANY, QUANTITY),
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
