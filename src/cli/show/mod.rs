//! `order show` and `invoice show`: one document with both item numbers, as text, JSON or a page to print.

mod changes;
mod html;
mod invoice;
mod order;

pub(super) use invoice::invoice;
pub(super) use order::order;

use crate::cli::{Format, Shell};
use crate::domain::Date;
use crate::domain::order::Party;
use crate::markup::Page;
use crate::site::folders::Replacement;
use anyhow::{Context as _, Result};
use serde_json::json;
use std::io::Write as _;
use std::path::PathBuf;

#[derive(Debug, clap::Subcommand)]
pub(super) enum OrderCommand {
    /// A purchase order by the customer's number.
    Show {
        /// The purchase order number.
        po: String,
        /// The customer, where several use the same number.
        #[arg(long, value_name = "CUSTOMER")]
        customer: Option<String>,
        #[command(flatten)]
        output: OutputArgs,
    },
}

#[derive(Debug, clap::Subcommand)]
pub(super) enum InvoiceCommand {
    /// An invoice by its number, with the proof of its arithmetic; one that waits with what holds it.
    Show {
        /// The invoice number.
        number: String,
        /// The credit, where an invoice has the same number.
        #[arg(long)]
        credit: bool,
        /// What waits under the number, also where an invoice was billed under it.
        #[arg(long)]
        waiting: bool,
        #[command(flatten)]
        output: OutputArgs,
    },
}

/// In what form a document is shown, and where.
#[derive(Debug, clap::Args)]
pub(super) struct OutputArgs {
    /// The form of the result; text if you say nothing, JSON with --format json.
    #[arg(long = "as", value_enum)]
    form: Option<Form>,
    /// Where to, instead of standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// For the terminal.
    Text,
    Json,
    /// A page that stands alone, for a browser and a printer.
    Html,
}

impl OutputArgs {
    fn form(&self, shell: &Shell) -> Form {
        self.form.unwrap_or(match shell.format {
            Format::Text => Form::Text,
            Format::Json => Form::Json,
        })
    }

    /// Writes the document to standard output, or whole into the file, which is then named.
    fn deliver(&self, shell: &Shell, document: &str) -> Result<()> {
        let Some(path) = &self.out else { return shell.print(document) };
        let mut file = Replacement::of(path)?;
        file.write_all(document.as_bytes()).with_context(|| format!("write {}", path.display()))?;
        file.finish()?;
        match shell.format {
            Format::Json => shell.json(&json!({"file": path})),
            Format::Text => shell.print(&format!("{}\n", path.display())),
        }
    }
}

fn day(date: Option<Date>) -> String {
    date.map_or_else(|| "no date".to_owned(), |date| date.to_string())
}

/// N101 in words; a code of which nobody prints the word stays a code.
const ROLES: &[(&str, &str)] = &[
    ("BT", "Bill to"),
    ("BY", "Buyer"),
    ("RE", "Remit to"),
    ("RI", "Remit to"),
    ("SE", "Seller"),
    ("SF", "Ship from"),
    ("ST", "Ship to"),
    ("SU", "Supplier"),
    ("VN", "Vendor"),
];

/// Who is named on a document, each as a block of lines.
fn parties(page: &mut Page, parties: &[Party]) {
    if parties.is_empty() {
        return;
    }
    page.start("div", &[("class", "parties")]);
    for party in parties {
        let role =
            ROLES.iter().find(|(code, _)| *code == party.role).map_or(party.role.as_str(), |(_, word)| word);
        page.start("div", &[]);
        page.element("h2", &[], role);
        let code = if party.code.is_empty() {
            String::new()
        } else {
            format!("{} {}", party.code_qualifier, party.code)
        };
        let place = [&party.city, &party.state, &party.postal_code, &party.country];
        let place: Vec<&str> =
            place.iter().map(|text| text.as_str()).filter(|text| !text.is_empty()).collect();
        let lines =
            std::iter::once(party.name.to_string()).chain(party.address.iter().map(ToString::to_string));
        for line in lines.chain([place.join(" "), code]).filter(|line| !line.trim().is_empty()) {
            page.element("p", &[], &line);
        }
        page.end();
    }
    page.end();
}
