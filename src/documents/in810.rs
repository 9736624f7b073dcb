//! The 810: an invoice in the order's own words.

mod required;

use crate::documents::outbound::{
    ITEM_NUMBERS_MAX, fits, unit_echo, write_optional, write_party, write_reference,
};
use crate::domain::diagnostic::{Diagnostic, Location, Severity};
use crate::domain::invoice::{Invoice, InvoiceLine, InvoiceType};
use crate::domain::money::{n2, parse_decimal, plain};
use crate::domain::order::{Charge, Routing, Tax, Terms};
use crate::domain::partner::{CreditSigns, DiscountBase, PartnerProfile};
use crate::domain::rules::business::{INVOICE_UNBALANCED, INVOICE_UNSENDABLE};
use crate::domain::{Date, Decimal};
use crate::x12::writer::{OutboundEnvelope, SetWriter, Value, WrittenSet};

/// BIG02 and BIG04, elements 76 and 324.
const NUMBER_MAX: usize = 22;
/// IT101, element 350.
const LINE_ID_MAX: usize = 20;
/// TDS01, SAC05: element 610.
const CENTS_DIGITS_MAX: usize = 15;
/// CTT02, element 347.
const HASH_TOTAL_MODULUS: u64 = 10_000_000_000;
/// REF of the heading.
const REFERENCES_MAX: usize = 12;
/// CAD04, element 140.
const SCAC_MAX: usize = 4;
/// TXI01, element 963: all taxes together.
const ALL_TAXES: &str = "TX";

/// Writes the 810 of an invoice, or nothing and the reason: an invoice that does not balance is refused with its proof, and
/// so is one with a part that the 810 cannot say, because a wrong echo is worse than none. The same in 004010 and 005010.
/// Amounts are positive in a credit too, because BIG07 tells, unless the partner wants them negative. What the partner
/// requires and is not in it is a finding of the pre-flight (E485), and no reason of this writer's to refuse it.
pub fn write(
    invoice: &Invoice,
    profile: &PartnerProfile,
    envelope: &OutboundEnvelope,
) -> (Option<WrittenSet>, Vec<Diagnostic>) {
    let mut set = SetWriter::new(envelope, "810", "IN");
    let (Some(date), Some(totals)) = (invoice.invoice_date, totals(invoice, profile.invoices.discount_on))
    else {
        return (None, vec![unsendable(1, "it has no date, or an amount that does not fit")]);
    };
    if let Some(proof) = invoice.proof() {
        let diagnostic = Diagnostic::new(&INVOICE_UNBALANCED, Location::default());
        return (None, vec![diagnostic.found(&invoice.invoice_number).detail(proof)]);
    }
    let mut diagnostics = unfit(invoice, profile, &set);
    let negative =
        profile.invoices.credit_signs == CreditSigns::Negative && invoice.kind == InvoiceType::Credit;
    let sign = if negative { Decimal::NEGATIVE_ONE } else { Decimal::ONE };
    write_heading(&mut set, invoice, date, &mut diagnostics);
    for line in &invoice.lines {
        write_line(&mut set, line, (profile, sign), &mut diagnostics);
    }
    write_summary(&mut set, invoice, (profile, sign), &totals, &mut diagnostics);
    let separators = set.separators();
    let (set, problems) = set.finish();
    diagnostics.extend(problems);
    diagnostics.extend(required::missing(&set.body, separators, &profile.invoices.preflight.required));
    let refused = diagnostics.iter().any(|found| found.severity == Severity::Error);
    ((!refused).then_some(set), diagnostics)
}

/// TDS: the total, the part of it that the terms discount is taken from, the discount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Totals {
    total: Decimal,
    discount: Option<(Decimal, Decimal)>,
}

/// The discount is taken from the goods with what was allowed on them: header charges such as freight, and tax, are not
/// discounted, unless the profile says that all is. It is rounded by the invoice's rule, once. None where the arithmetic does
/// not fit a decimal.
fn totals(invoice: &Invoice, discount_on: DiscountBase) -> Option<Totals> {
    let total = invoice.total;
    n2(total).filter(|cents| cents.trim_start_matches('-').len() <= CENTS_DIGITS_MAX)?;
    let Some(percent) = invoice.terms.as_ref().and_then(discount_percent) else {
        return Some(Totals { total, discount: None });
    };
    let mut base = total;
    if discount_on == DiscountBase::Goods {
        base = base.checked_sub(invoice.tax.unwrap_or_default())?;
        for charge in invoice.charges.iter().filter(|charge| charge.indicator == "C") {
            base = base.checked_sub(charge.amount.unwrap_or_default())?;
        }
    }
    let exact = base.checked_mul(percent)?.checked_div(Decimal::ONE_HUNDRED)?;
    Some(Totals { total, discount: Some((base, invoice.rounding.cents(exact))) })
}

fn discount_percent(terms: &Terms) -> Option<Decimal> {
    terms.percent.filter(|percent| !percent.is_zero())
}

/// What the elements of the 810 have no room for.
fn unfit(invoice: &Invoice, profile: &PartnerProfile, set: &SetWriter) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (element, value, what) in
        [(2, &invoice.invoice_number, "the invoice number"), (4, &invoice.po_number, "the PO number")]
    {
        let length = value.chars().count();
        // blanks alone are read as a number that is missing
        if length > NUMBER_MAX || (element == 2 && value.trim().is_empty()) {
            found.push(unsendable(element, &format!("{what} has {length} characters")).found(value));
        }
    }
    if invoice.lines.is_empty() {
        found.push(unsendable(0, "it has no line"));
    }
    for (index, line) in invoice.lines.iter().enumerate() {
        let mut lacks = |element: u32, found_value: &str, what: &str| {
            let at = Location { segment_id: "IT1".into(), element, ..Location::default() };
            let detail = format!("line {}: {what}", index + 1);
            found.push(Diagnostic::new(&INVOICE_UNSENDABLE, at).found(found_value).detail(detail));
        };
        if line.po_line_id.chars().count() > LINE_ID_MAX {
            lacks(1, &line.po_line_id, "PO101 is too long to echo");
        }
        if unit_echo(&line.unit, "", &profile.orders, set).is_empty() {
            lacks(3, &line.unit, "no unit that X12 can carry");
        }
        for number in line.numbers.iter().filter(|number| !fits(number, set)) {
            lacks(7, &number.value, "a number that X12 cannot carry to this partner");
        }
        if line.numbers.len() > ITEM_NUMBERS_MAX {
            lacks(7, "", "more than ten numbers");
        }
    }
    found
}

fn unsendable(element: u32, detail: &str) -> Diagnostic {
    let at = Location { segment_id: "BIG".into(), element, ..Location::default() };
    Diagnostic::new(&INVOICE_UNSENDABLE, at).detail(detail)
}

/// BIG to DTM.
fn write_heading(set: &mut SetWriter, invoice: &Invoice, date: Date, left_out: &mut Vec<Diagnostic>) {
    let big = [
        Value::Date(date),
        Value::Exact(&invoice.invoice_number),
        invoice.po_date.map_or(Value::Empty, Value::Date),
        Value::Echo(&invoice.po_number),
        Value::Echo(&invoice.release),
        Value::Empty,
        Value::Exact(invoice.kind.code()),
    ];
    set.segment("BIG", &big);
    if !invoice.currency.is_empty() {
        set.segment("CUR", &[Value::Exact("SE"), Value::Exact(&invoice.currency)]);
    }
    for reference in invoice.references.iter().take(REFERENCES_MAX) {
        write_reference(set, reference, left_out);
    }
    for party in &invoice.parties {
        write_party(set, party, left_out);
    }
    if let Some(terms) = &invoice.terms {
        write_terms(set, terms);
    }
    if let Some(shipped) = invoice.ship_date {
        set.segment("DTM", &[Value::Exact("011"), Value::Date(shipped)]);
    }
    if invoice.fob.iter().any(|element| !element.is_empty()) {
        let fob: Vec<Value<'_>> = invoice.fob.iter().map(|element| Value::Echo(element)).collect();
        write_optional(set, "FOB", &fob, left_out);
    }
}

fn write_terms(set: &mut SetWriter, terms: &Terms) {
    let days = |days: Option<u32>| days.map_or(Value::Empty, |days| Value::Count(u64::from(days)));
    let date = |date: Option<Date>| date.map_or(Value::Empty, Value::Date);
    let elements = [
        Value::Exact(&terms.kind),
        Value::Exact(&terms.basis),
        discount_percent(terms).map_or(Value::Empty, Value::Number),
        date(terms.discount_due),
        days(terms.discount_days),
        date(terms.net_due),
        days(terms.net_days),
    ];
    set.segment("ITD", &elements);
}

/// IT1, PID and SAC of a line.
fn write_line(
    set: &mut SetWriter,
    line: &InvoiceLine,
    (profile, sign): (&PartnerProfile, Decimal),
    left_out: &mut Vec<Diagnostic>,
) {
    let unit = unit_echo(&line.unit, "", &profile.orders, set);
    let mut elements = vec![
        Value::Echo(&line.po_line_id),
        Value::Number(line.quantity * sign),
        Value::Echo(unit),
        Value::Number(line.price),
        Value::Echo(&line.price_basis),
    ];
    for number in &line.numbers {
        elements.extend([Value::Echo(&number.qualifier), Value::Echo(&number.value)]);
    }
    set.segment("IT1", &elements);
    if !line.description.is_empty() {
        let description = Value::Free(&line.description);
        let pid = [Value::Exact("F"), Value::Empty, Value::Empty, Value::Empty, description];
        write_optional(set, "PID", &pid, left_out);
    }
    if profile.invoices.serials {
        for serial in line.serials.iter().filter(|serial| !serial.trim().is_empty()) {
            let (serial, units) = serial_parts(serial);
            let reference = [Value::Exact("SE"), Value::Exact(serial), Value::Free(&units)];
            write_optional(set, "REF", &reference, left_out);
        }
    }
    for charge in &line.charges {
        write_charge(set, charge, sign);
    }
}

/// REF02 and REF03 of a serial: of one that stands for many units (`SN*QTY`) the units are told beside it.
fn serial_parts(serial: &str) -> (&str, String) {
    match serial.trim().rsplit_once('*') {
        Some((value, units)) if parse_decimal(units.trim()).is_some() => {
            (value.trim(), format!("{} UNITS", units.trim()))
        }
        _ => (serial.trim(), String::new()),
    }
}

/// TDS to CTT, in the order of the standard: TDS, TXI, CAD, SAC, CTT.
fn write_summary(
    set: &mut SetWriter,
    invoice: &Invoice,
    (profile, sign): (&PartnerProfile, Decimal),
    totals: &Totals,
    left_out: &mut Vec<Diagnostic>,
) {
    let mut tds = vec![Value::Cents(totals.total * sign)];
    if let Some((base, discount)) = totals.discount {
        let base = if base == totals.total { Value::Empty } else { Value::Cents(base) };
        tds.extend([base, Value::Cents(totals.total - discount), Value::Cents(discount)]);
    }
    set.segment("TDS", &tds);
    write_taxes(set, invoice, sign);
    if let Some(Routing { mode, carrier, text, .. }) = &invoice.carrier {
        // CAD05 or CAD06 must be there: without a text the carrier's code stands for it
        let routing = if text.is_empty() { carrier } else { text };
        let cad = [
            Value::Echo(mode),
            Value::Empty,
            Value::Empty,
            Value::Echo(if carrier.len() <= SCAC_MAX { carrier } else { "" }),
            Value::Free(routing),
        ];
        write_optional(set, "CAD", &cad, left_out);
    }
    for charge in &invoice.charges {
        write_charge(set, charge, sign);
    }
    let mut ctt = vec![Value::Count(invoice.lines.len() as u64)];
    if profile.invoices.hash_total {
        ctt.push(Value::Count(hash_total(invoice.lines.iter().map(|line| line.quantity))));
    }
    set.segment("CTT", &ctt);
}

/// TXI of the header: each tax that is told apart, else all together.
fn write_taxes(set: &mut SetWriter, invoice: &Invoice, sign: Decimal) {
    let number = |number: Option<Decimal>| number.map_or(Value::Empty, Value::Number);
    for tax in &invoice.taxes {
        let Tax { kind, amount, percent, jurisdiction_qualifier, jurisdiction, exempt } = tax;
        let pair = !jurisdiction_qualifier.is_empty() && !jurisdiction.is_empty();
        let jurisdiction = if pair { [jurisdiction_qualifier.as_str(), jurisdiction] } else { ["", ""] };
        let [qualifier, jurisdiction] = jurisdiction.map(Value::Echo);
        let amount = number(amount.map(|amount| amount * sign));
        let full = [
            Value::Echo(kind),
            amount.clone(),
            number(*percent),
            qualifier,
            jurisdiction,
            Value::Echo(exempt),
        ];
        if set.try_segment("TXI", &full).is_err() {
            set.segment("TXI", &[Value::Exact(ALL_TAXES), amount]);
        }
    }
    if let Some(tax) = invoice.tax.filter(|_| invoice.taxes.is_empty()) {
        set.segment("TXI", &[Value::Exact(ALL_TAXES), Value::Number(tax * sign)]);
    }
}

/// SAC05 is always written: it is the amount that counts, whatever percent or rate says. These are left out where they do
/// not stand together as SAC wants it.
fn write_charge(set: &mut SetWriter, charge: &Charge, sign: Decimal) {
    let number = |number: Option<Decimal>| number.map_or(Value::Empty, Value::Number);
    let elements = |told: bool| {
        let told_number = |value: Option<Decimal>| number(value.filter(|_| told));
        let told_code = |value| Value::Exact(if told { value } else { "" });
        [
            Value::Exact(&charge.indicator),
            Value::Exact(&charge.code),
            Value::Empty,
            Value::Empty,
            Value::Cents(charge.amount.unwrap_or_default() * sign),
            told_code(charge.percent_basis.as_str()),
            told_number(charge.percent),
            told_number(charge.rate),
            told_code(charge.unit.as_str()),
            told_number(charge.quantity),
            Value::Empty,
            Value::Exact(&charge.handling),
            Value::Empty,
            Value::Empty,
            Value::Free(&charge.description),
        ]
    };
    if set.try_segment("SAC", &elements(true)).is_err() {
        set.segment("SAC", &elements(false));
    }
}

/// CTT02: the digits of each quantity as written, without point and sign, summed; of a sum that is too long the last ten
/// digits stay.
fn hash_total(quantities: impl Iterator<Item = Decimal>) -> u64 {
    quantities.fold(0, |sum, quantity| {
        let digits = plain(quantity);
        let value = digits
            .bytes()
            .filter(u8::is_ascii_digit)
            .fold(0, |value, digit| (value * 10 + u64::from(digit - b'0')) % HASH_TOTAL_MODULUS);
        (sum + value) % HASH_TOTAL_MODULUS
    })
}

#[cfg(test)]
mod tests;
