//! Messages as a person reads them.

use super::*;
use crate::domain::rules::{csv, elements, envelope as envelope_rules};
use expect_test::{Expect, expect};

const SEPARATORS: Separators = Separators { element: b'*', component: b'>', repetition: None, segment: b'~' };

fn element_finding(offset: u64, length: u32, found: &str) -> Diagnostic {
    let at = Location {
        interchange: "000000905".into(),
        group: "12".into(),
        set: "0001".into(),
        segment: 3,
        segment_id: "PO1".into(),
        element: 2,
        offset,
        length,
        ..Location::default()
    };
    Diagnostic::new(&elements::ELEMENT_INVALID_CHARACTER, at).found(found)
}

fn check(text: &str, expect: &Expect) {
    expect.assert_eq(text);
}

#[test]
fn shows_the_segment_and_underlines_the_element() {
    let piece = b"BEG*00*SA*1~\r\n  PO1*1*two dozen*EA*12.50**BP*A-100\r\n~CTT*1~";
    let context = Context::around(piece, 1000, 1022, Some(SEPARATORS));
    check(
        &render(&element_finding(1022, 9, "two dozen"), "orders/1.edi", context),
        &expect![[r#"
            warning[E306]: invalid character in data element
             --> orders/1.edi: segment 3 (PO1-02), byte 1022
              |
              | PO1*1*two dozen*EA*12.50**BP*A-100
              |       ^^^^^^^^^
              = in: interchange 000000905, group 12, set 0001
              = found: "two dozen"
              = cause: text stands where a number or a plain code belongs
              = help: quantities and prices are decimal numbers with a point and no thousands separator
              = answer: AK403 6
        "#]],
    );
}

#[test]
fn shows_the_csv_line_without_separators_and_the_code_where_there_is_none() {
    let piece = b"PO #,Qty\r\n7001,x\r\n";
    let at = Location {
        row: 1,
        line: 2,
        column: 2,
        header: "Qty".into(),
        offset: 15,
        length: 1,
        ..Location::default()
    };
    let context = Context::around(piece, 0, 15, None);
    check(
        &render(
            &Diagnostic::new(&csv::COLUMN_MISSING, at).detail("no \u{1b}[31mnumber"),
            "a\nb.csv",
            context,
        ),
        &expect![[r#"
            error[E501]: required column missing
             --> a\x0ab.csv: row 1 (line 2), column 2 "Qty", byte 15
              |
              | 7001,x
              |      ^
              = found: no \x1b[31mnumber
              = cause: the file has no header with the name that the layout gives
              = help: correct the header, or the column's name in the partner's profile
        "#]],
    );
}

#[test]
fn an_empty_file_has_no_excerpt() {
    let diagnostic =
        Diagnostic::new(&envelope_rules::NO_INTERCHANGE, Location::default()).detail("the file is empty");
    let text = render(&diagnostic, "x.edi", None);
    assert!(text.contains(" --> x.edi: byte 0\n  = found: the file is empty\n"), "{text}");
    assert!(text.ends_with("  = answer: TA105 022\n"), "{text}");
}

#[test]
fn marks_stand_under_what_is_found_whatever_is_escaped_before_it() {
    let rows: [(&[u8], u64, u32, &str, &str); 8] = [
        (b"N1*\x1b[2J*A", 8, 1, "N1*\\x1b[2J*A", "           ^"),
        (b"N1*\xff*A", 5, 1, "N1*\\xff*A", "        ^"),
        ("N1*Ü*A".as_bytes(), 6, 1, "N1*Ü*A", "     ^"),
        ("N1*\u{202e}*A".as_bytes(), 7, 1, "N1*\\u{202e}*A", "            ^"),
        ("N1*\u{85}*A".as_bytes(), 3, 2, "N1*\\u{85}*A", "   ^^^^^^"),
        (b"N1", 2, 0, "N1", "  ^"),
        (b"N1*A", 0, 4, "N1*A", "^^^^"),
        (b"", 0, 0, "", "^"),
    ];
    for (bytes, offset, length, line, marks) in rows {
        let at = Location { offset, length, ..Location::default() };
        let shown = underlined(Context { bytes, offset: 0, before: &[] }, &at);
        assert_eq!(shown, Some((line.to_owned(), marks.to_owned())), "{bytes:?}");
    }
}

#[test]
fn a_long_segment_is_cut_around_the_finding() {
    let bytes = [vec![b'a'; 5000], b"*BAD*".to_vec(), vec![b'z'; 5000]].concat();
    let at = Location { offset: 5001, length: 3, ..Location::default() };
    let (line, marks) = underlined(Context { bytes: &bytes, offset: 0, before: &[] }, &at).unwrap();
    assert_eq!(line, format!("...{}*BAD*{}...", "a".repeat(29), "z".repeat(66)));
    assert_eq!(marks, format!("{}^^^", " ".repeat(33)));
    let at = Location { offset: 3, length: 10_000, ..Location::default() };
    let (line, marks) = underlined(Context { bytes: &bytes, offset: 0, before: &[] }, &at).unwrap();
    assert_eq!((line.len(), marks.len()), (103, 100));
}

#[test]
fn a_place_outside_the_context_gives_no_excerpt() {
    let context = Context { bytes: b"ST*850", offset: 100, before: &[] };
    for offset in [0, 99, 107, u64::MAX] {
        assert_eq!(underlined(context, &Location { offset, ..Location::default() }), None, "{offset}");
    }
    assert_eq!(Context::around(b"abc", 10, 9, None), None);
    assert_eq!(Context::around(b"abc", 10, 14, None), None);
    assert_eq!(
        Context::around(b"abc", 10, 13, None),
        Some(Context { bytes: b"abc", offset: 10, before: &[] })
    );
}

#[test]
fn a_tab_that_separates_is_kept() {
    let separators = Separators { element: b'\t', segment: b'\n', ..SEPARATORS };
    let context = Context::around(b"A\t1\n  B\t\t2 \r\nC", 0, 8, Some(separators));
    assert_eq!(context, Some(Context { bytes: b"B\t\t2", offset: 6, before: b"A\t1\n" }));
}
