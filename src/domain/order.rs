//! A purchase order as the customer wrote it, from an 850 or from CSV: everything that was read, nothing decided.

use crate::domain::{Date, Decimal, Text};
use serde::{Deserialize, Serialize};

/// A purchase order as received. Empty text means that the document did not say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PurchaseOrder {
    /// BEG01: `00` original, `01` cancel, `04` change, `05` replace, `06` confirm, `07` duplicate. CSV orders are `00`.
    pub purpose: Text,
    /// BEG02, such as `SA` stand-alone, `NE` new, `BK` blanket.
    pub order_type: Text,
    /// BEG03; never empty in an order that is processed.
    pub po_number: Text,
    /// BEG04.
    pub release: Text,
    /// BEG05.
    pub po_date: Option<Date>,
    /// BEG06.
    pub contract: Text,
    /// CUR02, ISO 4217.
    pub currency: Text,
    /// The customer as the document names it: CSV `customer`, X12 N104 of N1*BY. It counts only if the master has it.
    pub customer: Text,
    pub references: Vec<Reference>,
    pub contacts: Vec<Contact>,
    /// FOB01 shipment method of payment, FOB02/03 place.
    pub fob: Vec<Text>,
    pub charges: Vec<Charge>,
    /// TXI of the header.
    pub taxes: Vec<Tax>,
    pub terms: Vec<Terms>,
    pub dates: Vec<DatedEvent>,
    pub routing: Vec<Routing>,
    /// MSG01 texts under N9, in document order.
    pub notes: Vec<Text>,
    pub parties: Vec<Party>,
    pub lines: Vec<OrderLine>,
    /// CTT01 as received.
    pub stated_line_count: Option<u32>,
    /// CTT02 as received.
    pub stated_hash_total: Option<Decimal>,
    /// AMT02 under CTT where AMT01 is `TT`.
    pub stated_amount: Option<Decimal>,
    /// How many lines the document has before SDQ split them into ship-tos: openers of PO1 loops, or CSV rows.
    pub received_lines: u32,
    /// Whether it came as CSV, where `upc` may be a GTIN-8 or a UPC-E and a line may leave out its unit.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub from_csv: bool,
}

impl PurchaseOrder {
    /// The party with this N101 code (`ST`, `BY`, `BT`), the first if there are several.
    pub fn party(&self, role: &str) -> Option<&Party> {
        self.parties.iter().find(|party| party.role == role)
    }

    /// The first date with this DTM01 code.
    pub fn date(&self, qualifier: &str) -> Option<Date> {
        self.dates.iter().find(|dated| dated.qualifier == qualifier).and_then(|dated| dated.date)
    }
}

/// One line for one ship-to: a PO1 loop, one SDQ pair of it, or a CSV row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OrderLine {
    /// Our running number in the order from 1, over SDQ splits.
    pub line: u32,
    /// PO101 as it came, often empty.
    pub po_line_id: Text,
    /// PO102, or the SDQ quantity. None where it is missing or cannot be read; `quantity_text` keeps what stood there.
    pub quantity: Option<Decimal>,
    /// The quantity as received.
    pub quantity_text: Text,
    /// PO103 as received (after the partner's alias table for CSV words: `unit_text` keeps the word).
    pub unit: Text,
    pub unit_text: Text,
    /// PO104 in units of the price basis; None where it is empty or unreadable.
    pub price: Option<Decimal>,
    /// PO105 as received: `HP` means that `price` is for a hundred.
    pub price_basis: Text,
    /// The up to ten (PO106.., PO107..) pairs in document order, or the CSV numbers under the partner's qualifiers.
    pub numbers: Vec<ItemNumber>,
    /// PID05 of the first PID, or the CSV description.
    pub description: Text,
    /// N104 of the line's or the order's N1*ST, the SDQ location, or CSV `ship_to`.
    pub ship_to: Text,
    /// DTM*002 of the line, else of the order (else DTM*010, the requested ship date).
    pub requested_date: Option<Date>,
    pub charges: Vec<Charge>,
    /// TXI of the PO1 loop.
    pub taxes: Vec<Tax>,
    /// PO401 pack, inner units in one ordered unit, as received.
    pub pack: Text,
    /// SLN sub-lines, as received.
    pub sublines: Vec<SubLine>,
    /// REF segments of the PO1 loop.
    pub references: Vec<Reference>,
    /// PO102 of the received line, where an SDQ split it into ship-tos; None otherwise.
    pub split_from: Option<Decimal>,
    /// What makes the line doubtful although each of its values can be read, in plain words: an SDQ that does not sum to
    /// PO102, a CSV row whose fields may have slipped. A line with a flaw is never ordered: its outcome is `invalid`.
    pub flaws: Vec<Text>,
    /// Where the line stands: segment number (or CSV row) and byte, so that later findings can point at it.
    pub segment: u32,
    pub offset: u64,
}

/// A (qualifier, value) pair of PO106..PO125 / IT106..: the value is text as received.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ItemNumber {
    /// Element 235, such as `BP`, `VN`, `UP`.
    pub qualifier: Text,
    /// Element 234.
    pub value: Text,
}

/// REF: element 128 qualifier, 127 value, 352 description.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    pub qualifier: Text,
    pub value: Text,
    pub description: Text,
}

/// PER: function (366), name, and (qualifier, number) pairs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    pub function: Text,
    pub name: Text,
    pub numbers: Vec<ItemNumber>,
}

/// DTM: element 374 qualifier and date; `text` keeps what could not be read as a date.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatedEvent {
    pub qualifier: Text,
    pub date: Option<Date>,
    pub text: Text,
}

/// TD5: routing sequence, carrier id qualifier, carrier id, transport mode, routing text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Routing {
    pub sequence: Text,
    pub carrier_qualifier: Text,
    pub carrier: Text,
    pub mode: Text,
    pub text: Text,
}

/// N1 loop: who, under which code, where.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// N101: `BY` buyer, `ST` ship-to, `BT` bill-to, `RE` remit-to.
    pub role: Text,
    pub name: Text,
    /// N103: `92` assigned by the buyer, `91` by the seller, `UL` a GLN, `1` DUNS, `9` DUNS+4.
    pub code_qualifier: Text,
    pub code: Text,
    /// N2 and N3 texts in order.
    pub address: Vec<Text>,
    pub city: Text,
    pub state: Text,
    pub postal_code: Text,
    pub country: Text,
}

/// SAC: an allowance or a charge.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// SAC01: `A` allowance, `C` charge, `N` neither.
    pub indicator: Text,
    /// SAC02, such as `D240` freight.
    pub code: Text,
    /// SAC05 is N2: here already in currency units, `12345` = 123.45.
    pub amount: Option<Decimal>,
    /// SAC06 basis and SAC07 percent.
    pub percent_basis: Text,
    pub percent: Option<Decimal>,
    /// SAC08 rate, SAC09 unit, SAC10 quantity.
    pub rate: Option<Decimal>,
    pub unit: Text,
    pub quantity: Option<Decimal>,
    /// SAC12 method of handling: `02` off invoice.
    pub handling: Text,
    /// SAC15.
    pub description: Text,
}

/// TXI: a tax.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tax {
    /// TXI01, such as `ST` state sales tax or `TX` all taxes.
    pub kind: Text,
    /// TXI02, a plain decimal.
    pub amount: Option<Decimal>,
    /// TXI03 as received: a fraction of one (`.0825`), which some partners write as a percentage (`8.25`).
    pub percent: Option<Decimal>,
    /// TXI04 and TXI05, the jurisdiction.
    pub jurisdiction_qualifier: Text,
    pub jurisdiction: Text,
    /// TXI06.
    pub exempt: Text,
}

/// ITD: terms of sale.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// ITD01, ITD02.
    pub kind: Text,
    pub basis: Text,
    /// ITD03.
    pub percent: Option<Decimal>,
    /// ITD04 discount due date, ITD05 discount days due.
    pub discount_due: Option<Date>,
    pub discount_days: Option<u32>,
    /// ITD06 net due date, ITD07 net days.
    pub net_due: Option<Date>,
    pub net_days: Option<u32>,
    /// ITD12.
    pub description: Text,
}

/// SLN: a component of the line as the customer lists it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubLine {
    pub id: Text,
    pub relationship: Text,
    pub quantity: Option<Decimal>,
    pub unit: Text,
    pub price: Option<Decimal>,
    pub numbers: Vec<ItemNumber>,
}
