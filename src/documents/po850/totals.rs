//! CTT and AMT against the lines.

use super::elements::at;
use crate::domain::Decimal;
use crate::domain::diagnostic::Diagnostic;
use crate::domain::money::{plain, price_divisor, round_cents};
use crate::domain::order::{Charge, OrderLine, PurchaseOrder};
use crate::domain::rules::business as rules;
use crate::x12::lexer::Segment;
use crate::x12::structure::{Node, Tree};

/// CTT02 has at most ten digits; what is longer loses its left.
const HASH_MODULUS: u128 = 10_000_000_000;

/// What the PO1 segments come to.
#[derive(Debug, Default)]
pub(super) struct Totals {
    /// Sum of the digits of PO102 without points and signs, as received and without zeros after the point.
    hash: u128,
    hash_plain: u128,
    quantity: Decimal,
    /// Sum of quantity × price, exact and with each line rounded; None once a line's amount is not known.
    amounts: Unless<(Decimal, Decimal)>,
    /// Charges of the lines less their allowances.
    charges: Decimal,
}

/// A sum until something cannot be added to it.
#[derive(Debug)]
struct Unless<T>(Option<T>);

impl<T: Default> Default for Unless<T> {
    fn default() -> Self {
        Self(Some(T::default()))
    }
}

impl Totals {
    pub(super) fn add(&mut self, po1: &Segment<'_>) {
        self.hash = self.hash.saturating_add(digits(po1.element(2)));
    }

    /// `line` is the whole line, not yet split.
    pub(super) fn add_amounts(&mut self, line: &OrderLine) {
        if let Some(quantity) = line.quantity {
            self.hash_plain = self.hash_plain.saturating_add(digits(plain(quantity).as_bytes()));
            self.quantity = self.quantity.checked_add(quantity).unwrap_or_default();
        }
        self.charges =
            signed(&line.charges).and_then(|sum| self.charges.checked_add(sum)).unwrap_or_default();
        self.amounts.0 = self.amounts.0.zip(amount(line)).and_then(|((exact, rounded), amount)| {
            Some((exact.checked_add(amount)?, rounded.checked_add(round_cents(amount))?))
        });
    }

    /// Compares with what the document states. What it does not state is not missed.
    pub(super) fn compare(&self, tree: &Tree<'_>, order: &PurchaseOrder, findings: &mut Vec<Diagnostic>) {
        let Some((opener, ctt)) = tree.top().find(|(_, node)| node.id() == "CTT") else {
            self.compare_amount(order, amount_node(tree, None), findings);
            return;
        };
        let stated = crate::x12::lexer::text(ctt.segment.element(1));
        if order.stated_line_count.is_some_and(|count| count != order.received_lines) {
            let finding = Diagnostic::new(&rules::LINE_COUNT_DIFFERS, at(ctt, 1)).found(&stated);
            findings.push(finding.detail(format!("counted {}", order.received_lines)));
        }
        if order.stated_hash_total.is_some_and(|total| !self.is_hash(total)) {
            let stated = crate::x12::lexer::text(ctt.segment.element(2));
            let finding = Diagnostic::new(&rules::HASH_TOTAL_DIFFERS, at(ctt, 2)).found(&stated);
            findings.push(finding.detail(format!("the quantities come to {}", self.hash % HASH_MODULUS)));
        }
        self.compare_amount(order, amount_node(tree, Some(opener)), findings);
    }

    /// The standard's sum of digits, with or without zeros after the point; many partners send the plain sum.
    fn is_hash(&self, total: Decimal) -> bool {
        if total == self.quantity {
            return true;
        }
        let whole = total.normalize();
        let Ok(total) = u128::try_from(whole.mantissa()) else { return false };
        let hashes = [self.hash, self.hash_plain];
        whole.scale() == 0 && hashes.iter().any(|hash| total == *hash || total == hash % HASH_MODULUS)
    }

    /// AMT*TT may be with charges and allowances or without, and from rounded lines or not.
    fn compare_amount(&self, order: &PurchaseOrder, node: Option<&Node<'_>>, findings: &mut Vec<Diagnostic>) {
        let (Some(stated), Some(node)) = (order.stated_amount, node) else { return };
        let Some((exact, rounded)) = self.amounts.0.filter(|_| order.received_lines > 0) else { return };
        let heading = signed(&order.charges).unwrap_or_default();
        let sums = [exact, rounded, round_cents(exact)];
        let charges = [Decimal::ZERO, self.charges, heading, self.charges.saturating_add(heading)];
        let agrees =
            sums.iter().any(|sum| charges.iter().any(|charge| sum.saturating_add(*charge) == stated));
        if !agrees {
            let finding = Diagnostic::new(&rules::AMOUNT_DIFFERS, at(node, 2)).found(&plain(stated));
            findings.push(finding.detail(format!("the lines come to {}", plain(rounded))));
        }
    }
}

/// AMT*TT in the CTT loop, else at the top level.
fn amount_node<'t, 'a>(tree: &'t Tree<'a>, ctt: Option<usize>) -> Option<&'t Node<'a>> {
    let is_total = |node: &&Node<'_>| node.id() == "AMT" && node.segment.element(1) == b"TT";
    let inside = ctt.and_then(|opener| tree.inside(opener).map(|(_, node)| node).find(is_total));
    inside.or_else(|| tree.top().map(|(_, node)| node).find(is_total))
}

/// Quantity × price, the price basis divided out; None where something of it is not known.
fn amount(line: &OrderLine) -> Option<Decimal> {
    let divisor = price_divisor(&line.price_basis, &line.unit)?;
    line.quantity?.checked_mul(line.price?)?.checked_div(divisor)
}

/// Charges less allowances, of those that state their amount.
fn signed(charges: &[Charge]) -> Option<Decimal> {
    charges.iter().try_fold(Decimal::ZERO, |sum, charge| match (charge.indicator.as_str(), charge.amount) {
        ("A", Some(amount)) => sum.checked_sub(amount),
        ("C", Some(amount)) => sum.checked_add(amount),
        _ => Some(sum),
    })
}

/// The digits of a number as one whole number: `-1.80` is 180.
fn digits(number: &[u8]) -> u128 {
    let digits = number.iter().filter(|byte| byte.is_ascii_digit());
    digits.fold(0u128, |sum, digit| sum.saturating_mul(10).saturating_add(u128::from(digit - b'0')))
}
