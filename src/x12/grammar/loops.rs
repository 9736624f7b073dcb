//! The loops that orders, their answers and their changes share: 850, 855, 860 and 865.

use super::Usage::{Mandatory as M, Optional as O};
use super::Version::{V004010, V005010};
use super::{MANY, Part, looped, seg};

/// An allowance or charge with its currency.
pub(super) const ALLOWANCE: &[Part] = &[seg("SAC", M, 1), seg("CUR", O, 1)];

/// What is bought with whose advertising money.
pub(super) const ADVERTISING: &[Part] = &[seg("ADV", M, 1), seg("DTM", O, MANY), seg("MTX", O, MANY)];

/// Codes of an industry.
pub(super) const CODES: &[Part] = &[seg("LM", M, 1), seg("LQ", M, MANY)];

/// A description with its measurements.
pub(super) const DESCRIPTION: &[Part] = &[seg("PID", M, 1), seg("MEA", O, 10)];

/// A packaging with its measurements.
pub(super) const PACKAGING: &[Part] = &[seg("PKG", M, 1), seg("MEA", O, MANY)];

/// A quantity with its services.
pub(super) const QUANTITY: &[Part] = &[seg("QTY", M, 1), seg("SI", O, MANY)];

/// A reference with its text, of the heading and of a line.
pub(super) const NOTE: &[Part] = &[
    seg("N9", M, 1),
    seg("DTM", O, MANY),
    seg("MSG", O, 1_000).until(V004010),
    seg("MTX", O, MANY).since(V005010),
    seg("PWK", O, MANY).since(V005010),
    seg("EFI", O, MANY).since(V005010),
];

/// A reference with its text, of a subline.
pub(super) const SUBLINE_NOTE: &[Part] = &[
    seg("N9", M, 1),
    seg("DTM", O, MANY),
    seg("MSG", O, MANY).until(V004010),
    seg("MTX", O, MANY).since(V005010),
];

/// A party of a subline.
pub(super) const SUBLINE_NAME: &[Part] = &[
    seg("N1", M, 1),
    seg("N2", O, 2),
    seg("IN2", O, MANY).since(V005010),
    seg("N3", O, 2),
    seg("N4", O, 1),
    seg("NX2", O, MANY),
    seg("REF", O, 12),
    seg("PER", O, 3),
    seg("SI", O, MANY),
];

/// A scheduled delivery of a line.
pub(super) const SCHEDULE: &[Part] = &[
    seg("SCH", M, 1),
    seg("TD1", O, 2),
    seg("TD5", O, 12),
    seg("TD3", O, 12),
    seg("TD4", O, 5),
    seg("REF", O, MANY),
];

/// A lead time of the heading of an order or its change.
pub(super) const LEAD_TIME: &[Part] =
    &[seg("LDT", M, 1), seg("QTY", O, MANY), seg("MTX", O, MANY), seg("REF", O, MANY)];

/// An amount of the heading of an order or its change, and what it is booked to.
pub(super) const AMOUNT: &[Part] = &[
    seg("AMT", M, 1),
    seg("REF", O, MANY),
    seg("DTM", O, 1),
    seg("PCT", O, MANY),
    looped(O, MANY, &[seg("FA1", M, 1), seg("FA2", M, MANY)]),
];

/// An amount of a line of an order or its change.
pub(super) const LINE_AMOUNT: &[Part] =
    &[seg("AMT", M, 1), seg("REF", O, MANY).max_in(V004010, 1), seg("PCT", O, MANY)];

/// A party of the heading of an order or its change.
pub(super) const NAME: &[Part] = &[
    seg("N1", M, 1),
    seg("N2", O, 2),
    seg("IN2", O, MANY).since(V005010),
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

/// A party of the heading of an answer.
pub(super) const ANSWER_NAME: &[Part] = &[
    seg("N1", M, 1),
    seg("N2", O, 2),
    seg("IN2", O, MANY).since(V005010),
    seg("N3", O, 2),
    seg("N4", O, 1),
    seg("NX2", O, MANY),
    seg("REF", O, 12),
    seg("PER", O, MANY),
    seg("SI", O, MANY),
    seg("FOB", O, 1),
    seg("TD1", O, 2),
    seg("TD5", O, 12),
    seg("TD3", O, 12),
    seg("TD4", O, 5),
    seg("PKG", O, 25),
    seg("MSG", O, MANY).until(V004010),
    seg("MTX", O, MANY).since(V005010),
];

/// A party of a line of an order or its change.
pub(super) const LINE_NAME: &[Part] = &[
    seg("N1", M, 1),
    seg("N2", O, 2),
    seg("IN2", O, MANY).since(V005010),
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
    looped(O, MANY, DELIVERY),
];

const DELIVERY: &[Part] = &[
    seg("LDT", M, 1),
    seg("MAN", O, 10),
    seg("QTY", O, 5),
    seg("MSG", O, 1).until(V004010),
    seg("MTX", O, MANY).since(V005010),
    seg("REF", O, 3),
];

/// The lead times of a line of an order or its change, between LS and LE.
pub(super) const LINE_LEAD_TIMES: &[Part] =
    &[seg("LS", M, 1), looped(M, MANY, LINE_LEAD_TIME), seg("LE", M, 1)];

const LINE_LEAD_TIME: &[Part] = &[
    seg("LDT", M, 1),
    seg("QTY", O, MANY),
    seg("MSG", O, 1).until(V004010),
    seg("MTX", O, MANY).since(V005010),
    seg("REF", O, 3),
    looped(O, MANY, CODES),
];

/// What an order or its change must meet.
pub(super) const SPECIFICATION: &[Part] = &[
    seg("SPI", M, 1),
    seg("REF", O, 5),
    seg("DTM", O, 5),
    seg("MSG", O, 50).until(V004010),
    seg("MTX", O, MANY).since(V005010),
    looped(O, 20, SPECIFICATION_NAME),
    looped(O, MANY, SPECIFICATION_CONTRACT),
];

const SPECIFICATION_NAME: &[Part] = &[
    seg("N1", M, 1),
    seg("N2", O, 2),
    seg("N3", O, 2),
    seg("N4", O, 1),
    seg("REF", O, 20),
    seg("G61", O, 1),
    seg("MSG", O, 50).until(V004010),
    seg("MTX", O, MANY).since(V005010),
];

const SPECIFICATION_CONTRACT: &[Part] = &[
    seg("CB1", M, 1),
    seg("REF", O, 20),
    seg("DTM", O, 5),
    seg("LDT", O, 1),
    seg("MSG", O, 50).until(V004010),
    seg("MTX", O, MANY).since(V005010),
];
