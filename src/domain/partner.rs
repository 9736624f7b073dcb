//! A company and its trading partners, as their TOML files say it: plain settings, every one with a default but the ids.

mod changes;
mod invoices;
mod x12;

pub use changes::{ChangePolicy, ChangeSettings, QuantityMeaning};
pub use invoices::{
    Action, CreditSigns, DiscountBase, InvoiceSettings, InvoiceSource, Preflight, RemitTo, Requirement,
    TermsSettings,
};
pub use x12::{CharacterSet, Replacement, Separator, Terminator};

use crate::domain::{Text, resolution::UnresolvedPolicy};
use serde::Deserialize;
use std::collections::BTreeMap;

/// `[company]`: who we are on every envelope.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Company {
    pub name: Text,
    /// ISA05 of what we send.
    pub interchange_qualifier: Text,
    /// ISA06 of what we send.
    pub interchange_id: Text,
    /// GS02 of what we send.
    pub application_id: Text,
    /// ISO 4217, for documents that name no currency.
    pub currency: Text,
    /// ISA15 of this site: inputs of the other kind make no order.
    #[serde(default)]
    pub usage: Usage,
    /// N1*RE of our invoices; empty: the company's name alone.
    #[serde(default)]
    pub remit_to: Vec<Text>,
}

/// ISA15, element I14.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum Usage {
    #[default]
    #[serde(rename = "P")]
    Production,
    #[serde(rename = "T")]
    Test,
}

impl Usage {
    pub fn code(self) -> &'static str {
        match self {
            Self::Production => "P",
            Self::Test => "T",
        }
    }
}

/// One file of `partners/`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartnerProfile {
    pub partner: PartnerIdentity,
    #[serde(default)]
    pub x12: X12Settings,
    #[serde(default)]
    pub orders: OrderSettings,
    #[serde(default)]
    pub invoices: InvoiceSettings,
}

impl PartnerProfile {
    pub fn id(&self) -> &Text {
        &self.partner.id
    }
}

/// `[partner]`. A CSV partner needs no X12 ids: they stay empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartnerIdentity {
    /// Names the folders `inbox/orders/<id>` and `outbox/<id>`: letters, digits, `-`, `_` and `.`.
    pub id: Text,
    /// The customer whose orders come from here, unless N1*BY or the CSV names another that the master knows.
    pub customer: Text,
    #[serde(default)]
    pub name: Text,
    /// ISA05 of what the partner sends, ISA07 of what we send.
    #[serde(default)]
    pub interchange_qualifier: Text,
    /// ISA06 of what the partner sends; `*` accepts any sender.
    #[serde(default)]
    pub interchange_id: Text,
    /// GS02 of what the partner sends, GS03 of what we send; `*` or empty where it does not matter.
    #[serde(default)]
    pub application_id: Text,
    /// `status` names a partner from whom nothing came for more than so many days; 0: never.
    #[serde(default = "thirty_days")]
    pub quiet_after_days: u32,
    /// The first of the partners who share ISA05 and ISA06: its control numbers count for all of them, because the receiver
    /// knows an interchange by the ids and ISA13. Empty: its own. Found out when the profiles are read.
    #[serde(skip)]
    pub counts_with: Text,
    /// The others of these partners, whatever their profiles are called: what they counted before they shared the ids counts too.
    #[serde(skip)]
    pub counted_before: Vec<Text>,
}

impl PartnerIdentity {
    /// Under whose name ISA13 and GS06 are counted.
    pub fn counted_as(&self) -> &Text {
        if self.counts_with.is_empty() { &self.id } else { &self.counts_with }
    }
}

fn thirty_days() -> u32 {
    30
}

/// `[x12]`: what we write, and how strictly we read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a yes or no of the file")]
pub struct X12Settings {
    /// GS08, such as `004010` or `005010`; ISA12 follows from it.
    pub version: Text,
    pub element_separator: Separator,
    pub component_separator: Separator,
    /// ISA11 from 00402 on.
    pub repetition_separator: Separator,
    pub segment_terminator: Terminator,
    /// The characters that are written; a value with others is told or altered by what kind of value it is.
    pub character_set: CharacterSet,
    pub replacement: Replacement,
    /// A line break after each segment.
    pub line_breaks: bool,
    /// ISA15; None: the company's.
    pub usage: Option<Usage>,
    /// ISA14: whether we ask for a TA1.
    pub acknowledgment_requested: bool,
    /// ISA10 and GS05 as `HHMM`; empty: the run's clock.
    pub time: Text,
    /// Whether a functional group is answered with a 997.
    pub acknowledge: bool,
    /// The version of our 997.
    pub acknowledgment_version: AcknowledgmentVersion,
    /// The documents of ours (ST01) that the partner acknowledges by a 997 or 999.
    pub acknowledgments_expected: Vec<Text>,
    /// What is expected and did not come is overdue after so many hours.
    pub acknowledgments_overdue_hours: u32,
    pub ta1: Ta1Policy,
    /// Refuse an interchange whose ISA08 is not ours; else it is a note.
    pub refuse_foreign_receiver: bool,
    pub strictness: Strictness,
    /// Interchanges of one sender and receiver with the same ISA13 are duplicates within so many days.
    pub duplicate_window_days: u32,
}

impl Default for X12Settings {
    fn default() -> Self {
        Self {
            version: "004010".into(),
            element_separator: Separator(b'*'),
            component_separator: Separator(b'>'),
            repetition_separator: Separator(b'^'),
            segment_terminator: Terminator { byte: b'~', cr_lf: false },
            character_set: CharacterSet::default(),
            replacement: Replacement(b' '),
            line_breaks: true,
            usage: None,
            acknowledgment_requested: false,
            time: Text::default(),
            acknowledge: true,
            acknowledgment_version: AcknowledgmentVersion::default(),
            acknowledgments_expected: vec!["855".into(), "810".into()],
            acknowledgments_overdue_hours: 48,
            ta1: Ta1Policy::default(),
            refuse_foreign_receiver: false,
            strictness: Strictness::default(),
            duplicate_window_days: 400,
        }
    }
}

/// In which version a functional group is answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AcknowledgmentVersion {
    /// In the profile's, like every document of ours.
    #[default]
    Profile,
    /// In the group's own GS08, where that can be read.
    AsReceived,
}

/// When an interchange is answered with a TA1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ta1Policy {
    /// Where ISA14 asks, and for a bad but readable envelope.
    #[default]
    Requested,
    Always,
    Never,
}

/// What wrong counts (SE01, GE01, IEA01) and other syntax errors do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strictness {
    /// Each finding does what its rule says.
    #[default]
    Standard,
    /// Any syntax error rejects the transaction set.
    Strict,
    /// Wrong counts and control numbers in trailers are warnings.
    Lenient,
}

/// `[orders]` of a partner.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OrderSettings {
    /// Qualifiers (element 235) whose numbers are the customer's, in the order in which they are preferred.
    pub customer_item_qualifiers: Vec<Text>,
    /// Qualifiers whose numbers are ours; the first that an echo leaves free carries our item on the 855 and 810.
    pub vendor_item_qualifiers: Vec<Text>,
    /// The steps of the resolution chain in order.
    pub chain: Vec<ChainStep>,
    pub match_forms: Vec<MatchForm>,
    /// Steps whose numbers may lead to another item than the line's other numbers without a conflict, and decide only where
    /// no number of another step does: vendor numbers that nobody keeps up to date.
    pub may_contradict: Vec<ChainStep>,
    /// Whether orders are answered with an 855.
    pub acknowledge_order: bool,
    pub acknowledge_held: AcknowledgeHeld,
    /// Whether an 860 is answered with an 865.
    pub acknowledge_change: bool,
    /// ACK01 of a line whose item was superseded: `IS`, or `IA`.
    pub superseded: SupersededAnswer,
    /// None: the site's `[orders] unresolved`.
    pub unresolved: Option<UnresolvedPolicy>,
    /// The same PO number and release of a customer is a duplicate within so many days.
    pub duplicate_window_days: u32,
    /// The partner's unit words and codes, and the code that we take for them: `CS = "CA"`, `EACH = "EA"`. On the way out
    /// the first alias that names a code of ours is not used: what was ordered is echoed as received.
    pub unit_aliases: BTreeMap<Text, Text>,
    pub changes: ChangeSettings,
    pub csv: Option<CsvLayout>,
}

impl Default for OrderSettings {
    fn default() -> Self {
        let texts = |list: &[&str]| list.iter().map(|text| Text::from(*text)).collect();
        Self {
            customer_item_qualifiers: texts(&["IN", "BP", "CB", "PI", "SK"]),
            vendor_item_qualifiers: texts(&["VP", "VN", "VC"]),
            chain: vec![ChainStep::Xref, ChainStep::Vendor, ChainStep::Gtin, ChainStep::MatchForm],
            match_forms: Vec::new(),
            may_contradict: Vec::new(),
            acknowledge_order: true,
            acknowledge_held: AcknowledgeHeld::default(),
            acknowledge_change: false,
            superseded: SupersededAnswer::default(),
            unresolved: None,
            duplicate_window_days: 400,
            unit_aliases: BTreeMap::new(),
            changes: ChangeSettings::default(),
            csv: None,
        }
    }
}

impl OrderSettings {
    /// The partner's layout, or that of our own headers; the qualifiers of its numbers are then on the partner's lists.
    pub fn csv_layout(&self) -> CsvLayout {
        self.csv.clone().unwrap_or_else(|| {
            let mut layout = CsvLayout::default();
            layout.take_listed(self, |_| false);
            layout
        })
    }
}

/// A step of the resolution chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChainStep {
    /// Ship-to, customer, group, everyone.
    Xref,
    Vendor,
    Gtin,
    MatchForm,
}

/// In what a number may differ from the cross-reference and still match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchForm {
    Case,
    /// Hyphens, blanks, points and slashes.
    Hyphens,
    LeadingZeros,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AcknowledgeHeld {
    /// The 855 goes out at once, with a hold code on what is held.
    #[default]
    Now,
    /// An order with a held line is answered when it is released.
    OnRelease,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum SupersededAnswer {
    #[default]
    #[serde(rename = "IS")]
    Substituted,
    #[serde(rename = "IA")]
    Accepted,
}

/// `[orders.csv]`: the layout of a partner's CSV orders.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CsvLayout {
    pub delimiter: Separator,
    pub encoding: Encoding,
    /// As `strftime` writes it: `%m/%d/%Y`, `%d.%m.%Y`, `%Y-%m-%d`.
    pub date_format: Text,
    pub decimal: DecimalMark,
    /// Our field = their header.
    pub columns: CsvColumns,
    /// The qualifiers under which the CSV's numbers are kept and echoed.
    pub customer_item_qualifier: Text,
    pub vendor_item_qualifier: Text,
}

impl Default for CsvLayout {
    fn default() -> Self {
        Self {
            delimiter: Separator(b','),
            encoding: Encoding::default(),
            date_format: "%Y-%m-%d".into(),
            decimal: DecimalMark::default(),
            columns: CsvColumns::default(),
            customer_item_qualifier: "IN".into(),
            vendor_item_qualifier: "VP".into(),
        }
    }
}

impl CsvLayout {
    /// Replaces a qualifier that nobody `chose` and that the partner's list does not have by the first of that list.
    pub fn take_listed(&mut self, settings: &OrderSettings, chose: impl Fn(&str) -> bool) {
        let keys = [
            (
                "customer_item_qualifier",
                &mut self.customer_item_qualifier,
                &settings.customer_item_qualifiers,
            ),
            ("vendor_item_qualifier", &mut self.vendor_item_qualifier, &settings.vendor_item_qualifiers),
        ];
        for (key, qualifier, list) in keys {
            if !chose(key)
                && !list.contains(qualifier)
                && let Some(first) = list.first()
            {
                qualifier.clone_from(first);
            }
        }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum Encoding {
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    /// Also what ISO 8859-1 files are read as.
    #[serde(rename = "windows-1252", alias = "latin-1", alias = "iso-8859-1")]
    Windows1252,
    #[serde(rename = "utf-16le")]
    Utf16Le,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum DecimalMark {
    /// `1,234.50`: a comma between thousands is allowed.
    #[default]
    #[serde(rename = ".")]
    Point,
    /// `1.234,50`.
    #[serde(rename = ",")]
    Comma,
}

/// Headers of the partner's CSV; None: the contract's own name of the field is looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CsvColumns {
    pub po_number: Option<Text>,
    pub po_date: Option<Text>,
    pub release: Option<Text>,
    pub customer: Option<Text>,
    pub ship_to: Option<Text>,
    pub line: Option<Text>,
    pub customer_item: Option<Text>,
    pub vendor_item: Option<Text>,
    pub upc: Option<Text>,
    pub description: Option<Text>,
    pub quantity: Option<Text>,
    pub unit: Option<Text>,
    pub unit_price: Option<Text>,
    pub currency: Option<Text>,
    pub requested_date: Option<Text>,
}

impl CsvColumns {
    /// Each field of ours with the header that the layout gives for it.
    pub fn named(&self) -> [(&'static str, Option<&str>); 15] {
        [
            ("po_number", self.po_number.as_deref()),
            ("po_date", self.po_date.as_deref()),
            ("release", self.release.as_deref()),
            ("customer", self.customer.as_deref()),
            ("ship_to", self.ship_to.as_deref()),
            ("line", self.line.as_deref()),
            ("customer_item", self.customer_item.as_deref()),
            ("vendor_item", self.vendor_item.as_deref()),
            ("upc", self.upc.as_deref()),
            ("description", self.description.as_deref()),
            ("quantity", self.quantity.as_deref()),
            ("unit", self.unit.as_deref()),
            ("unit_price", self.unit_price.as_deref()),
            ("currency", self.currency.as_deref()),
            ("requested_date", self.requested_date.as_deref()),
        ]
    }
}
