//! `invoice show`: an invoice, line by line, under both numbers, with the proof of its arithmetic.

use crate::cli::show::html;
use crate::cli::show::{Form, InvoiceCommand, day, parties};
use crate::cli::xref::instant;
use crate::cli::{Shell, render};
use crate::domain::arithmetic::{LineStep, Proof, amount, proof};
use crate::domain::invoice::InvoiceType::{self, Credit, Debit};
use crate::domain::invoice::{Invoice, InvoiceLine};
use crate::domain::order::Terms;
use crate::domain::sent::SentState;
use crate::domain::{Decimal, Text, money};
use crate::markup::Page;
use crate::run::{Desk, Fate, StoredInvoice, WaitingInvoice, invoice_key, look};
use crate::store::invoices::HeldInvoiceRow;
use crate::store::sent::{SentFilter, SentRow};
use crate::store::{InvoiceRow, Transaction};
use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub(in crate::cli) fn invoice(shell: &Shell, command: &InvoiceCommand) -> Result<u8> {
    let InvoiceCommand::Show { number, credit, waiting, output } = command;
    let mut store = shell.open_store()?;
    let mut tx = store.read()?;
    let Some(shown) = find(shell, tx.as_mut(), (number, *credit, *waiting))? else {
        let what = if *credit { "credit" } else { "invoice or credit" };
        let why = open_about(tx.as_mut(), number, *credit)?;
        bail!(
            "no {what} {number} {}{}",
            if *waiting { "waits" } else { "was billed" },
            why.unwrap_or_default()
        );
    };
    let document = match output.form(shell) {
        Form::Json => serde_json::to_string_pretty(&shown.json())? + "\n",
        Form::Text => shown.text(),
        Form::Html => shown.html(),
    };
    output.deliver(shell, &document)?;
    Ok(0)
}

/// What was billed under a number, else what waits under it; an invoice before a credit.
fn find(
    shell: &Shell,
    tx: &mut dyn Transaction,
    (number, credit, waiting): (&str, bool, bool),
) -> Result<Option<Shown>> {
    for kind in if credit { &["CR"][..] } else { &["DI", "CR"] } {
        let held = tx.held_invoice(kind, number)?;
        if let Some(row) = tx.invoice(kind, number)?.filter(|_| !waiting) {
            let stored: StoredInvoice = serde_json::from_str(&row.document)
                .with_context(|| format!("read invoice {number} of the store"))?;
            let (sent, proof) = (sent(tx, &row)?, proof(&stored.invoice));
            let StoredInvoice { invoice, findings, .. } = stored;
            let also = held.map(|held| held.cause);
            let (kind, state) = (invoice.kind, row.state);
            return Ok(Some(Shown {
                kind,
                state,
                run_id: row.run_id,
                order_id: row.order_id,
                invoice,
                findings,
                proof,
                sent,
                also,
                waiting: None,
            }));
        }
        if let Some(held) = held {
            return waits(shell, tx, &held).map(Some);
        }
    }
    Ok(None)
}

/// An invoice that waits, judged by what the store and the profiles say now.
fn waits(shell: &Shell, tx: &mut dyn Transaction, row: &HeldInvoiceRow) -> Result<Shown> {
    let site = crate::site::load(&shell.site)?;
    let masters = tx.masters_without_xrefs(None)?;
    let customers = BTreeSet::from([row.customer.clone()]);
    let index = crate::cli::xref::index(tx, masters, &customers, None, &site.settings)?;
    let desk = Desk {
        company: &site.settings.company,
        profiles: &site.partners,
        index: &index,
        date: instant::now().1,
        time: &Text::default(),
    };
    let mut waiting = look(tx, &desk, row)?;
    let invoice = waiting.invoice.take().unwrap_or_else(|| Invoice {
        invoice_number: waiting.invoice_number.clone(),
        kind: waiting.kind,
        partner: waiting.partner.clone(),
        customer: waiting.customer.clone(),
        po_number: waiting.po_number.clone(),
        ..Invoice::default()
    });
    let holds: BTreeSet<String> = waiting.obstacles().map(ToString::to_string).collect();
    let findings = waiting.findings.iter().map(ToString::to_string);
    Ok(Shown {
        kind: waiting.kind,
        state: "held".into(),
        run_id: waiting.since.clone(),
        order_id: waiting.order_id.clone(),
        findings: findings.filter(|found| !holds.contains(found)).collect(),
        proof: proof(&invoice),
        invoice,
        sent: None,
        also: None,
        waiting: Some(waiting),
    })
}

/// Why an invoice was not billed, if something is open about it.
fn open_about(tx: &mut dyn Transaction, number: &str, credit: bool) -> Result<Option<String>> {
    let kinds = if credit { &[Some(Credit), None][..] } else { &[Some(Debit), Some(Credit), None] };
    let open = tx.open_exceptions_of_kind("invoice")?;
    let of = |kind: Option<InvoiceType>| {
        let key = invoice_key(kind, number);
        open.iter().rfind(|row| !key.is_empty() && row.order_id == key)
    };
    let Some(row) = kinds.iter().find_map(|kind| of(*kind)) else { return Ok(None) };
    let detail: Value = serde_json::from_str(&row.detail).unwrap_or_default();
    let why = detail["why"].as_str().map(|why| format!(" ({why})")).unwrap_or_default();
    Ok(Some(format!(
        ": {}{why} waits for a person since run {}; see `worklist export`",
        row.cause, row.run_id
    )))
}

/// An invoice with everything that is said of it.
struct Shown {
    kind: InvoiceType,
    state: Text,
    /// The run that billed it, or held it first.
    run_id: Text,
    order_id: Text,
    invoice: Invoice,
    /// What was noticed and holds nothing.
    findings: Vec<String>,
    proof: Proof,
    /// The 810 that brought it to the customer.
    sent: Option<Sent>,
    /// The cause of another posting that waits under its number.
    also: Option<Text>,
    /// It was not billed.
    waiting: Option<WaitingInvoice>,
}

/// Where the 810 went, and what its receiver says.
struct Sent {
    file: Text,
    state: SentState,
    reasons: Vec<Text>,
}

/// The 810 of an invoice, among what its run sent to its partner.
fn sent(tx: &mut dyn Transaction, row: &InvoiceRow) -> Result<Option<Sent>> {
    let filter =
        SentFilter { partner: row.partner.clone(), run_id: row.run_id.clone(), ..SentFilter::default() };
    let mut found = Vec::new();
    tx.each_sent(&filter, &mut |sent| {
        found.extend(of_invoice(&sent, &row.invoice_number));
        Ok(())
    })?;
    // an invoice and a credit of one number that went out in one run cannot be told apart: nothing is better than the other's
    Ok(if found.len() == 1 { found.pop() } else { None })
}

fn of_invoice(sent: &SentRow, number: &Text) -> Vec<Sent> {
    let groups = sent.groups.iter().filter(|group| group.set_id == "810");
    let places = groups
        .flat_map(|group| (0..).zip(&group.documents).map(move |(place, document)| (group, place, document)));
    let of_number = places.filter(|(_, _, document)| document.number == *number);
    of_number
        .filter_map(|(group, place, _)| {
            let notes = group.notes.iter().find(|(other, _)| *other == place);
            Some(Sent {
                file: sent.path.clone(),
                state: *group.states.get(place)?,
                reasons: notes.map(|(_, notes)| notes.clone()).unwrap_or_default(),
            })
        })
        .collect()
}

impl Sent {
    fn text(&self) -> String {
        let reasons =
            if self.reasons.is_empty() { String::new() } else { format!(": {}", self.reasons.join("; ")) };
        format!("{}, {}{reasons}", self.file, self.state.as_str().replace('_', " "))
    }
}

impl Shown {
    fn json(&self) -> serde_json::Value {
        let Self { run_id, order_id, state, invoice, findings, proof, sent, also, waiting, .. } = self;
        let sent = sent
            .as_ref()
            .map(|sent| json!({"file": sent.file, "state": sent.state, "reasons": sent.reasons}));
        json!({"run_id": run_id, "order_id": order_id, "state": state, "invoice": invoice,
            "findings": findings, "proof": proof, "sent": sent, "also_waits": also, "waiting": waiting})
    }

    /// Why it is no invoice yet, line by line; nothing where it was billed.
    fn mark(&self) -> Vec<String> {
        let Some(waiting) = &self.waiting else { return Vec::new() };
        let mut mark = vec![format!("NOT BILLED: it waits since run {}", waiting.since)];
        mark.extend(waiting.obstacles().map(|why| format!("held by {why}")));
        let decided = match (waiting.outcome, waiting.decision.is_some()) {
            (Fate::Dropped, _) => "decided: it is dropped by the next release",
            (Fate::Held, true) => "decided: it goes out, but it cannot",
            (Fate::Held, false) => "",
            (Fate::Sent | Fate::Posted, true) => "decided: it goes out with the next release",
            (Fate::Sent | Fate::Posted, false) => {
                "nothing holds it any more: it goes out with the next release"
            }
        };
        mark.extend((!decided.is_empty()).then(|| decided.to_owned()));
        let billed = self.invoice.lines.len();
        if billed < waiting.lines {
            mark.push(format!(
                "{billed} of its {} lines can be billed; the others are not shown, and not in its sums",
                waiting.lines
            ));
        }
        mark
    }

    fn text(&self) -> String {
        let mut out = String::new();
        for line in self.mark() {
            out += &format!("{line}\n");
        }
        out += &invoice_text(self);
        if let Some(sent) = &self.sent {
            out += &format!("810: {}\n", sent.text());
        }
        if let Some(cause) = &self.also {
            out += &format!("{}\n", also_text(cause));
        }
        if self.is_empty() {
            return out;
        }
        out += "proof:\n";
        for step in &self.proof.lines {
            out += &format!("  line {}: {}\n", step.place, step_text(step));
        }
        out += &format!("  {}\n", sum_text(&self.proof));
        out
    }

    fn html(&self) -> String {
        let invoice = &self.invoice;
        let what = self.what();
        let held = if self.waiting.is_some() { " (not billed)" } else { "" };
        let mut page = html::page(&format!("{what} {}{held}", invoice.invoice_number));
        page.start("section", &[]);
        page.element("h1", &[], &format!("{what} {}{held}", invoice.invoice_number));
        let mark = self.mark();
        if !mark.is_empty() {
            page.start("div", &[("class", "mark")]);
            for line in mark {
                page.element("p", &[], &line);
            }
            page.end();
        }
        page.facts(&[
            ("Date", invoice.invoice_date.map_or_else(String::new, |date| date.to_string())),
            ("Customer", format!("{} ({})", invoice.customer, invoice.partner)),
            ("Purchase order", invoice.po_number.to_string()),
            ("Order date", invoice.po_date.map_or_else(String::new, |date| date.to_string())),
            ("Shipped", invoice.ship_date.map_or_else(String::new, |date| date.to_string())),
            ("Terms", invoice.terms.as_ref().map(terms).unwrap_or_default()),
            ("State", self.sent.as_ref().map_or_else(|| self.state.to_string(), Sent::text)),
        ]);
        parties(&mut page, &invoice.parties);
        if !self.is_empty() {
            lines_html(&mut page, &invoice.lines);
            self.sums_html(&mut page);
            self.proof_html(&mut page);
        }
        for finding in &self.findings {
            page.element("p", &[("class", "small")], finding);
        }
        if let Some(cause) = &self.also {
            page.element("p", &[("class", "small")], &also_text(cause));
        }
        page.finish()
    }

    /// No line of it can be billed: there is nothing to add up.
    fn is_empty(&self) -> bool {
        self.waiting.is_some() && self.invoice.lines.is_empty()
    }

    fn what(&self) -> &'static str {
        if self.kind == Credit { "Credit" } else { "Invoice" }
    }

    fn sums_html(&self, page: &mut Page) {
        let invoice = &self.invoice;
        page.start("table", &[("class", "sums")]);
        page.start("tbody", &[]);
        let mut row = |name: &str, value: Option<Decimal>| {
            page.row("td", &[name, value.map(amount).unwrap_or_default().as_str()], &[1]);
        };
        row("Lines", self.proof.lines_total);
        for charge in &self.proof.charges {
            let line = if charge.place == 0 { String::new() } else { format!(", line {}", charge.place) };
            row(&format!("{}{line}", charge.description), charge.amount);
        }
        if invoice.tax.is_some() {
            row("Tax", invoice.tax);
        }
        row(&format!("Total {}", invoice.currency), Some(invoice.total));
        page.end();
        page.end();
    }

    fn proof_html(&self, page: &mut Page) {
        page.element("h2", &[], "Proof of the arithmetic");
        let head = ["Line", "Quantity", "Price", "Price is for", "Exact", "Billed"];
        let numbers = [1, 2, 3, 4, 5];
        page.table(&head, &numbers, |page| {
            for step in &self.proof.lines {
                let plain = |value: Option<Decimal>| value.map(money::plain).unwrap_or_default();
                let cells = [
                    step.place.to_string(),
                    plain(step.quantity),
                    plain(step.price),
                    plain(step.divisor),
                    step.exact.map_or_else(|| "does not fit".to_owned(), money::plain),
                    step.amount.map(amount).unwrap_or_default(),
                ];
                page.row("td", &cells, &numbers);
            }
        });
        page.element("p", &[], &sum_text(&self.proof));
    }
}

/// The template of an invoice's lines: the customer's number next to ours.
fn lines_html(page: &mut Page, lines: &[InvoiceLine]) {
    let head = ["Line", "Customer Item#", "Our item", "Description", "Quantity", "Unit", "Price", "Amount"];
    let numbers = [4, 6, 7];
    page.table(&head, &numbers, |page| {
        for line in lines {
            let serials = if line.serials.is_empty() {
                String::new()
            } else {
                format!(" [{}]", line.serials.join(", "))
            };
            let cells = [
                line.po_line_id.to_string(),
                line.customer_item.value.to_string(),
                line.item.to_string(),
                format!("{}{serials}", line.description),
                money::plain(line.quantity),
                line.unit.to_string(),
                price(line),
                amount(line.amount),
            ];
            page.row("td", &cells, &numbers);
        }
    });
}

/// IT104 with IT105.
fn price(line: &InvoiceLine) -> String {
    let basis = if line.price_basis.is_empty() { String::new() } else { format!(" {}", line.price_basis) };
    format!("{}{basis}", money::plain(line.price))
}

/// ITD in words.
fn terms(terms: &Terms) -> String {
    let discount = terms.percent.filter(|percent| !percent.is_zero()).map(|percent| {
        let within = terms.discount_days.map(|days| format!(" within {days} days")).unwrap_or_default();
        format!("{} %{within}", money::plain(percent))
    });
    let net = terms.net_days.map(|days| format!("net {days} days"));
    let due = terms.net_due.map(|date| format!("due {date}"));
    let parts: Vec<String> = [discount, net, due].into_iter().flatten().collect();
    if parts.is_empty() { terms.description.to_string() } else { parts.join(", ") }
}

/// `500 x 2.005 / 100 = 10.025, billed 10.03`.
fn step_text(step: &LineStep) -> String {
    let plain = |value: Option<Decimal>| value.map(money::plain).unwrap_or_default();
    let divided = step.divisor.filter(|divisor| *divisor != Decimal::ONE);
    let divisor = divided.map(|divisor| format!(" / {}", money::plain(divisor))).unwrap_or_default();
    let exact = step.exact.map_or_else(|| "what does not fit".to_owned(), money::plain);
    let billed = step.amount.map(amount).unwrap_or_default();
    let mark = if step.holds { "" } else { ": WRONG" };
    format!("{} x {}{divisor} = {exact}, billed {billed}{mark}", plain(step.quantity), plain(step.price))
}

/// `lines 607.03 - allowances 0.53 + charges 15.00 + tax 47.76 = 669.26 (TDS01 66926)`.
fn sum_text(proof: &Proof) -> String {
    let of = |wanted: fn(&Decimal) -> bool| {
        let amounts = proof.charges.iter().filter_map(|charge| charge.amount).filter(wanted);
        amounts.fold(Decimal::ZERO, Decimal::saturating_add)
    };
    let (allowances, charges) = (of(|amount| *amount < Decimal::ZERO), of(|amount| *amount > Decimal::ZERO));
    let mut out = format!("lines {}", proof.lines_total.map_or_else(|| "do not fit".to_owned(), amount));
    if !allowances.is_zero() {
        out += &format!(" - allowances {}", amount(-allowances));
    }
    if !charges.is_zero() {
        out += &format!(" + charges {}", amount(charges));
    }
    if let Some(tax) = proof.tax {
        out += &format!(" + tax {}", amount(tax));
    }
    let sum = proof.sum.map_or_else(|| "what does not fit".to_owned(), amount);
    out += &format!(" = {sum}");
    if proof.sum != proof.total {
        out += &format!(", billed {}", proof.total.map(amount).unwrap_or_default());
    }
    if !proof.tds01.is_empty() {
        out += &format!(" (TDS01 {})", proof.tds01);
    }
    if proof.wrong.is_empty() { out } else { format!("{out}; WRONG: {}", proof.wrong) }
}

fn also_text(cause: &str) -> String {
    format!("another posting waits under this number: {cause}; see `invoice show --waiting`")
}

fn invoice_text(shown: &Shown) -> String {
    let invoice = &shown.invoice;
    let mut out = format!(
        "{} {} of {} to {} ({}), {}\npurchase order {} of {}\n",
        if shown.kind == Credit { "credit" } else { "invoice" },
        invoice.invoice_number,
        day(invoice.invoice_date),
        invoice.customer,
        invoice.partner,
        shown.state,
        invoice.po_number,
        day(invoice.po_date)
    );
    if shown.is_empty() {
        return out;
    }
    let rows: Vec<Vec<String>> = invoice
        .lines
        .iter()
        .map(|line| {
            vec![
                line.po_line_id.to_string(),
                line.customer_item.value.to_string(),
                line.item.to_string(),
                line.description.to_string(),
                format!("{} {}", money::plain(line.quantity), line.unit),
                price(line),
                amount(line.amount),
            ]
        })
        .collect();
    let headers = ["line", "Customer Item#", "item", "description", "quantity", "price", "amount"];
    out += &render::simple(&headers, &rows, &[], None);
    for charge in &invoice.charges {
        let what = if charge.indicator == "A" { "allowance" } else { "charge" };
        out += &format!("{what} {} {:.2}\n", charge.description, charge.amount.unwrap_or_default());
    }
    if let Some(tax) = invoice.tax {
        out += &format!("tax {tax:.2}\n");
    }
    out += &format!("total {:.2} {}\n", invoice.total, invoice.currency);
    for finding in &shown.findings {
        out += &format!("note: {finding}\n");
    }
    out
}
