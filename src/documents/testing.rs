//! What the tests of our outbound documents share: two envelopes, a profile, and a document as text.

use crate::domain::Date;
use crate::domain::order::ItemNumber;
use crate::domain::partner::{InvoiceSettings, OrderSettings, PartnerIdentity, PartnerProfile, X12Settings};
use crate::x12::lexer::Separators;
use crate::x12::writer::{Conventions, OutboundEnvelope, WrittenSet, interchange};

pub(crate) fn envelope(version: &str) -> OutboundEnvelope {
    OutboundEnvelope {
        separators: Separators { element: b'*', component: b'>', repetition: Some(b'^'), segment: b'~' },
        line_breaks: true,
        conventions: Conventions::default(),
        sender_qualifier: "ZZ".into(),
        sender: "NORTHWIND".into(),
        receiver_qualifier: "01".into(),
        receiver: "006922827".into(),
        application_sender: "NORTHWIND".into(),
        application_receiver: "ACMEPO".into(),
        version: version.into(),
        acknowledgment_requested: false,
        usage: "P".into(),
        date: Date::constant(2026, 3, 9),
        time: "2130".into(),
    }
}

pub(crate) fn profile() -> PartnerProfile {
    let partner = PartnerIdentity { id: "acme".into(), customer: "ACME".into(), ..Default::default() };
    PartnerProfile {
        partner,
        x12: X12Settings::default(),
        orders: OrderSettings::default(),
        invoices: InvoiceSettings::default(),
    }
}

pub(crate) fn number(qualifier: &str, value: &str) -> ItemNumber {
    ItemNumber { qualifier: qualifier.into(), value: value.into() }
}

/// The segments between ST and SE.
pub(crate) fn body(set: &WrittenSet) -> String {
    let text = String::from_utf8(set.body.clone()).unwrap_or_default();
    assert_eq!(text.matches('~').count(), set.segments as usize);
    text
}

pub(crate) fn whole(envelope: &OutboundEnvelope, set: &WrittenSet) -> String {
    String::from_utf8(interchange(envelope, 7, 7, std::slice::from_ref(set))).unwrap_or_default()
}
