//! `verify`: the proof again, from archive, store, facts and outputs.

use crate::cli::{Format, Shell};
use crate::run::Options;
use crate::run::verify::finding::{Finding, KINDS, Proof};
use crate::run::verify::verify as prove;
use anyhow::Result;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Every input is read again in the archive; the rows of the store are held against their seals, the orders \
against their documents and their facts, the invoices against what they bill, and every file that was written against its \
digest. What the ERP, the transport, a person in quarantine/ or retention has taken away is no finding.\n\n\
Exit codes: 0 everything is as it was committed, 1 findings, 2 could not be proved."
)]
pub(super) struct VerifyArgs {
    /// One run alone, such as 20261121-001; files that no run wrote are looked for only without it.
    #[arg(long, value_name = "ID")]
    run: Option<String>,
    /// Wait for a run that is under way, instead of giving up.
    #[arg(long)]
    wait: bool,
}

pub(super) fn verify(shell: &Shell, args: &VerifyArgs) -> Result<u8> {
    let options = Options { wait: args.wait, store: shell.store.clone(), ..Options::default() };
    let proof = prove(&shell.site, &options, args.run.as_deref())?;
    match shell.format {
        Format::Json => shell.json(&proof)?,
        Format::Text => shell.print(&text(&proof))?,
    }
    Ok(u8::from(!proof.is_clean()))
}

fn text(proof: &Proof) -> String {
    let Proof { runs, units, inputs, lines, orders, invoices, sent, outputs, facts, removed, .. } = proof;
    let mut out = format!(
        "{runs} runs, {units} units: {inputs} inputs read again, {lines} lines in, {orders} orders, {invoices} invoices, \
         {sent} interchanges sent, {outputs} files that are still there, {facts} rows of facts\n"
    );
    if *removed > 0 {
        out += &format!("{removed} files were taken away by retention\n");
    }
    for note in &proof.notes {
        out += &format!("note: {note}\n");
    }
    for Finding { kind, run_id, unit, file, row, expected, found } in &proof.findings {
        let place: Vec<&str> =
            [file.as_str(), row.as_str()].into_iter().filter(|one| !one.is_empty()).collect();
        let words = KINDS.iter().find(|(known, _)| kind == known).map_or("", |(_, words)| words);
        out += &format!("\n{kind}: {}: {words}\n", place.join(", "));
        match (run_id.as_str(), unit) {
            ("", _) => {}
            (run_id, 0) => out += &format!("  run {run_id}\n"),
            (run_id, unit) => out += &format!("  run {run_id}, unit {unit}\n"),
        }
        for (name, value) in [("expected", expected), ("found", found)] {
            if !value.is_empty() {
                out += &format!("  {name}: {value}\n");
            }
        }
    }
    if proof.findings_left_out > 0 {
        out += &format!("\nand {} more\n", proof.findings_left_out);
    }
    if proof.is_clean() {
        out += "everything is as it was committed\n";
    } else {
        let found = proof.found.iter().map(|(kind, count)| format!("{count} {kind}"));
        out += &format!("\nnot as it was committed: {}\n", found.collect::<Vec<_>>().join(", "));
    }
    out
}
