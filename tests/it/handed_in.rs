//! What a site's own people hand in and nobody bounds for them: configuration, masters, decisions. Too large, it is refused with a
//! sentence, and nothing is read to its end.

use crate::errors::SITE;
use crate::nights::{program, run, scratch, write};
use std::path::Path;

/// So large may a configuration file be.
const TOML_BYTES_MAX: usize = 1 << 20;

fn site() -> tempfile::TempDir {
    let site = scratch();
    for (path, text) in SITE {
        write(site.path(), path, text.as_bytes());
    }
    site
}

/// The exit code, and what was said on standard error.
fn refused(site: &Path, arguments: &[&str]) -> (i32, String) {
    let out = program(site).current_dir(site).args(arguments).output().unwrap();
    (out.status.code().unwrap(), String::from_utf8(out.stderr).unwrap())
}

#[test]
fn a_configuration_file_has_a_largest_size() {
    for file in ["itembridge.toml", "partners/acme.toml"] {
        for (bytes, code) in [(TOML_BYTES_MAX, 0), (TOML_BYTES_MAX + 1, 2)] {
            let site = site();
            let mut text = std::fs::read(site.path().join(file)).unwrap();
            text.extend(b"\n#");
            text.resize(bytes, b'x');
            write(site.path(), file, &text);
            let (came, said) = refused(site.path(), &["run", "--date", "2026-11-20"]);
            assert_eq!(came, code, "{file} of {bytes} bytes: {said}");
            let told = format!("{file}, line 1: more than {TOML_BYTES_MAX} bytes");
            assert_eq!(said.contains(&told), code == 2, "{said}");
        }
    }
}

#[test]
fn keys_and_values_nested_without_end_are_refused_and_end_nothing() {
    let deep = 100_000;
    for text in [
        format!("{} = 1", ["a"].repeat(deep).join(".")),
        format!("[{}]", ["a"].repeat(deep).join(".")),
        format!("a = {}{}", "[".repeat(deep), "]".repeat(deep)),
        format!("a = {}1{}", "{a=".repeat(deep), "}".repeat(deep)),
    ] {
        let site = site();
        write(site.path(), "partners/acme.toml", text.as_bytes());
        let (code, said) = refused(site.path(), &["run", "--date", "2026-11-20"]);
        assert_eq!(code, 2);
        assert!(said.contains("not TOML") && said.contains("recur"), "{}", &said[..said.len().min(300)]);
    }
}

#[test]
fn the_problems_of_a_configuration_are_told_line_by_line() {
    let site = site();
    write(site.path(), "itembridge.toml", SITE[0].1.replace("currency", "curency").as_bytes());
    let (code, said) = refused(site.path(), &["run"]);
    assert_eq!(code, 2);
    assert!(
        said.starts_with("itembridge: 2 problems in the configuration\n\n  itembridge.toml, line "),
        "{said}"
    );
    assert!(said.contains("  6 | curency = \"USD\"\n    | ^^^^^^^\n"), "{said}");
}

#[test]
fn a_master_with_a_quotation_mark_that_nobody_closed_stops_the_run_with_a_sentence() {
    let site = site();
    let text = format!("item,description,unit\nI-1,Bolt,EA\nI-2,\"open{}", "x\n".repeat(1 << 20));
    write(site.path(), "masters/items.csv", text.as_bytes());
    let (code, said) = refused(site.path(), &["run", "--date", "2026-11-20"]);
    assert_eq!(code, 2);
    assert!(
        said.contains("a row of more than 65536 bytes; a quotation mark is probably not closed"),
        "{said}"
    );
}

#[test]
fn a_file_of_decisions_has_most_rows_and_must_be_one() {
    let site = site();
    assert_eq!(run(site.path(), &["run", "--date", "2026-11-20"]).status.code(), Some(0));
    let rows = |count: usize| format!("cause,decision\n{}", "x,\n".repeat(count));
    let long = format!("cause,decision\n\"{}", "x".repeat(3 << 20));
    let wide = format!("cause,decision,note\n{}", format!(",,{}\n", "x".repeat(1 << 19)).repeat(3));
    for (text, code, told) in [
        (rows(200_000), 0, ""),
        (rows(200_001), 2, "more than 200000 rows: is it the right file?"),
        ("{\"cause\": \"x\", \"decision\": \"reject\"}\n".repeat(1_000), 2, "has no column cause"),
        (wide, 0, ""),
        (long, 1, ""),
        ("\0".repeat(3 << 20), 2, "has no column cause"),
    ] {
        write(site.path(), "list.csv", text.as_bytes());
        let (came, said) =
            refused(site.path(), &["worklist", "apply", "list.csv", "--by", "ann", "--dry-run"]);
        assert_eq!(came, code, "{told}: {said}");
        assert!(said.contains(told), "{said}");
    }
}

#[test]
fn an_import_takes_row_after_row_however_many_there_are() {
    let site = site();
    assert_eq!(run(site.path(), &["run", "--date", "2026-11-20"]).status.code(), Some(0));
    let mut text = "customer,customer_item,item\n".to_owned();
    text.extend((0..2_000).map(|row| format!("ACME,N{row},I-1\n")));
    text += &format!("ACME,\"{}", "x".repeat(3 << 20));
    write(site.path(), "xref.csv", text.as_bytes());
    let (code, said) =
        refused(site.path(), &["xref", "import", "xref.csv", "--by", "ann", "--reason", "r", "--partial"]);
    assert_eq!(code, 1, "{said}");
    let problems = std::fs::read_to_string(site.path().join("xref.problems.csv")).unwrap();
    assert!(
        problems.contains("quotation mark is not closed") || problems.contains("too long"),
        "{}",
        problems.len()
    );
    assert!(problems.len() < 2 << 20, "{}", problems.len());
}
