//! Prints what `x12::read` sees in each file named on standard input: one line of JSON a file.
#![allow(dead_code, unused_imports, reason = "the core is compiled without what uses it")]

#[path = "../../../../src/domain/mod.rs"]
mod domain;
#[path = "../../../../src/x12/mod.rs"]
mod x12;

use serde_json::{Value, json};
use std::io::{BufRead, Write};

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for path in std::io::stdin().lock().lines() {
        let path = path?;
        let bytes = std::fs::read(&path)?;
        writeln!(out, "{}", seen(&bytes))?;
    }
    Ok(())
}

/// The envelopes, every set with its segments and elements, and the codes of what was found. Each byte is one character,
/// so that no two readers differ by an encoding.
fn seen(bytes: &[u8]) -> Value {
    let latin = |bytes: &[u8]| bytes.iter().map(|byte| char::from(*byte)).collect::<String>();
    let file = x12::read(bytes);
    let interchanges: Vec<Value> = file
        .index()
        .interchanges
        .iter()
        .map(|interchange| {
            let sets: Vec<usize> = interchange.groups.iter().map(|group| group.sets.len()).collect();
            json!({ "control": interchange.header.control.as_str(), "groups": sets, "ta1": interchange.ta1.len() })
        })
        .collect();
    let sets: Vec<Value> = file
        .sets()
        .map(|set| {
            let segments: Vec<Vec<String>> =
                set.segments().map(|segment| segment.elements().map(latin).collect()).collect();
            json!(segments)
        })
        .collect();
    let envelope = |code: &str| code.starts_with("E1") && code != "E124";
    let mut codes: Vec<&str> =
        file.findings().iter().map(|finding| finding.rule.code).filter(|code| envelope(code)).collect();
    codes.dedup();
    json!({ "interchanges": interchanges, "sets": sets, "findings": codes })
}
