//! Rows, places and encodings; that the size of a read changes nothing; the crate `csv` as an independent reader.

use super::{Dialect, Found, Header, Row, RowReader, Rows};
use crate::domain::diagnostic::Diagnostic;
use crate::domain::partner::Encoding;
use expect_test::{Expect, expect};
use proptest::prelude::*;
use std::io::Read;

/// Gives at most `size` bytes at a time.
pub(in crate::documents) struct Drip<'a> {
    pub(in crate::documents) bytes: &'a [u8],
    pub(in crate::documents) size: usize,
}

impl Read for Drip<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let count = self.size.min(into.len()).min(self.bytes.len());
        into[..count].copy_from_slice(&self.bytes[..count]);
        self.bytes = &self.bytes[count..];
        Ok(count)
    }
}

fn all_rows(bytes: &[u8], size: usize, dialect: Dialect) -> (Vec<Row>, Dialect) {
    let mut reader = RowReader::new(Drip { bytes, size }, dialect).unwrap();
    let mut rows = Vec::new();
    let mut row = Row::default();
    while reader.read(&mut row).unwrap() {
        rows.push(row.clone());
    }
    assert_eq!(reader.offset(), bytes.len() as u64, "every byte is passed");
    (rows, reader.dialect())
}

fn fields(row: &Row) -> Vec<&str> {
    (0..row.len()).map(|column| row.field(column)).collect()
}

/// Shows each row as `number line offset+length [fields]`, and what is wrong with it.
fn check(bytes: &[u8], dialect: Dialect, expected: &Expect) {
    let (rows, _) = all_rows(bytes, 1 << 20, dialect);
    let header = rows.first().map(Header::new).unwrap_or_default();
    let mut shown = String::new();
    for row in &rows {
        shown.push_str(&format!(
            "{} {} {}+{} {:?}\n",
            row.number,
            row.line,
            row.offset,
            row.length,
            fields(row)
        ));
        row.findings(&header, |finding: Diagnostic| shown.push_str(&format!("  {finding}\n")));
    }
    expected.assert_eq(&shown);
}

#[test]
fn rows_know_their_number_line_and_bytes() {
    check(
        b"a,b,c\r\n1,\"two\r\nlines\",3\r\n\r\n , ,\r\n\"say \"\"hi\"\"\", 5\t,007\r\r\n8,9,",
        Dialect::default(),
        &expect![[r#"
            0 1 0+7 ["a", "b", "c"]
            1 2 7+18 ["1", "two\r\nlines", "3"]
            2 6 33+23 ["say \"hi\"", "5", "007"]
            3 7 56+4 ["8", "9", ""]
        "#]],
    );
}

#[test]
fn a_quote_that_is_never_closed_costs_its_own_line_alone() {
    check(
        b"a,b\n1,\"12 inch\n2,x\n3,\"fine, here\"\n4,5\" pipe\n\"6\" or so,\"7",
        Dialect::default(),
        &expect![[r#"
            0 1 0+4 ["a", "b"]
            1 2 4+11 ["1", "\"12 inch"]
              E514 quote without its other end at row 1 (line 2)
            2 3 15+4 ["2", "x"]
            3 4 19+15 ["3", "fine, here"]
            4 5 34+10 ["4", "5\" pipe"]
            5 6 44+12 ["\"6\" or so", "\"7"]
              E514 quote without its other end at row 5 (line 6)
        "#]],
    );
}

#[test]
fn ragged_rows_foreign_bytes_and_nul_are_named_with_their_column() {
    check(
        b"a,b\n1\n1,2,\n1,2,3\nM\xfcller,\"x\0y\"\n",
        Dialect::default(),
        &expect![[r#"
            0 1 0+4 ["a", "b"]
            1 2 4+2 ["1"]
              E511 row with more or fewer fields than the header at row 1 (line 2) (the header has 2 columns, the row has 1 fields)
            2 3 6+5 ["1", "2", ""]
            3 4 11+6 ["1", "2", "3"]
              E511 row with more or fewer fields than the header at row 3 (line 4) (the header has 2 columns, the row has 3 fields)
            4 5 17+13 ["Müller", "xy"]
              E512 bytes that are not in the file's encoding at row 4 (line 5), column 1 "a": "Müller"
              E513 NUL byte in a value at row 4 (line 5), column 2 "b": "xy"
        "#]],
    );
}

#[test]
fn encodings_and_byte_order_marks_are_read() {
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let with_mark = [&[0xFF, 0xFE][..], &utf16("a;b\r\nÄ 1;\"x;\r\ny\"\r\n")].concat();
    let semicolon = Dialect { delimiter: b';', ..Dialect::default() };
    let western = Dialect { encoding: Encoding::Windows1252, ..semicolon };
    let wide = Dialect { encoding: Encoding::Utf16Le, ..semicolon };
    let utf8 = "\u{feff}a;b\r\nÄ 1;\"x;\r\ny\"\r\n".as_bytes();
    for (bytes, dialect, offset) in [
        (utf8, semicolon, 8),
        (utf8, western, 8),
        (&b"a;b\r\n\xc4 1;\"x;\r\ny\"\r\n"[..], western, 5),
        (&b"a;b\r\xc4 1;\"x;\r\ny\"\r"[..], western, 4),
        (&with_mark[..], semicolon, 12),
        (&with_mark[2..], wide, 10),
    ] {
        for size in [1, 3, 1000] {
            let (rows, _) = all_rows(bytes, size, dialect);
            assert_eq!(fields(&rows[0]), ["a", "b"]);
            assert_eq!(fields(&rows[1]), ["Ä 1", "x;\r\ny"]);
            assert_eq!((rows.len(), rows[1].offset), (2, offset));
        }
    }
}

#[test]
fn a_field_is_placed_in_the_bytes_of_the_file() {
    let utf16: Vec<u8> = "ä,b\n\"ö\",\"12\"\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let wide = Dialect { encoding: Encoding::Utf16Le, ..Dialect::default() };
    for (bytes, dialect, offset, length) in
        [("ä,b\n\"ö\",\"12\"\n".as_bytes(), Dialect::default(), 10, 4), (&utf16, wide, 16, 8)]
    {
        let (rows, _) = all_rows(bytes, 5, dialect);
        let at = rows[1].at_column(&Header::new(&rows[0]), Some(1));
        assert_eq!((at.offset, at.length, at.column, at.header.as_str()), (offset, length, 2, "b"));
    }
}

#[test]
fn a_row_beyond_the_limit_is_passed_over_and_the_next_one_is_read() {
    let dialect = Dialect { row_bytes_max: 16, ..Dialect::default() };
    for (middle, whole) in [(16, true), (17, false), (5000, false)] {
        let bytes = [b"a\n", "x".repeat(middle - 1).as_bytes(), b"\nlast\n"].concat();
        for size in [1, 7, 1 << 17] {
            let (rows, _) = all_rows(&bytes, size, dialect);
            let shape: Vec<_> =
                rows.iter().map(|row| (row.number, row.line, row.length, row.too_long)).collect();
            assert_eq!(
                shape,
                [(0, 1, 2, false), (1, 2, middle as u64, !whole), (2, 3, 5, false)],
                "{middle} {size}"
            );
        }
    }
}

#[test]
fn a_hidden_cr_is_no_line_end_and_a_lone_cr_may_be() {
    for (bytes, rows) in [
        (&b"a,b\r\n1,2\r\n"[..], vec![vec!["a", "b"], vec!["1", "2"]]),
        (b"a,b\r1,2\r", vec![vec!["a", "b"], vec!["1", "2"]]),
        (b"a\r,b\n1\r,2\r\r\n", vec![vec!["a", "b"], vec!["1", "2"]]),
        (b"a,b\n1\r3,2\n", vec![vec!["a", "b"], vec!["1\r3", "2"]]),
        (b"a,b\r\n1,2\x1a\r\n\x1a", vec![vec!["a", "b"], vec!["1", "2\u{1a}"]]),
    ] {
        let (found, _) = all_rows(bytes, 2, Dialect::default());
        assert_eq!(found.iter().map(fields).collect::<Vec<_>>(), rows);
    }
}

#[test]
fn a_header_is_found_exactly_first_and_then_in_any_case() {
    let (rows, _) = all_rows(b"Item, item ,QTY,PO #,PO #,\xC3\x84rtikel,,\n", 9, Dialect::default());
    let header = Header::new(&rows[0]);
    assert_eq!(header.len(), 6);
    for (name, expected) in [
        ("Item", Found::Once(0)),
        ("item", Found::Once(1)),
        ("ITEM", Found::Twice(1)),
        (" qty ", Found::Once(2)),
        ("PO #", Found::Twice(4)),
        ("ÄRTIKEL", Found::Once(5)),
        ("UOM", Found::No),
    ] {
        assert_eq!(header.find(name), expected, "{name}");
    }
}

/// Text that is rich in what decides.
fn csv_like() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(
        prop_oneof![
            4 => Just(b','), 3 => Just(b'"'), 3 => Just(b'\n'), 1 => Just(b'\r'), 1 => Just(0), 4 => b'a'..=b'c',
            1 => any::<u8>(),
        ],
        0..200,
    )
}

fn dialects() -> impl Strategy<Value = Dialect> {
    let encodings = prop_oneof![Just(Encoding::Utf8), Just(Encoding::Windows1252), Just(Encoding::Utf16Le)];
    (encodings, 2usize..80).prop_map(|(encoding, row_bytes_max)| Dialect {
        encoding,
        row_bytes_max,
        ..Dialect::default()
    })
}

proptest! {
    #[test]
    fn the_size_of_a_read_changes_nothing(bytes in csv_like(), dialect in dialects(), size in 1usize..40) {
        let show = |(rows, dialect): (Vec<Row>, Dialect)| format!("{rows:?} {dialect:?}");
        prop_assert_eq!(show(all_rows(&bytes, size, dialect)), show(all_rows(&bytes, 1000, dialect)));
    }

    #[test]
    fn any_run_of_rows_reads_again_as_it_read_in_the_file(
        bytes in csv_like(), dialect in dialects(), from in 0usize..20, count in 1usize..20,
    ) {
        let (rows, dialect) = all_rows(&bytes, 1000, dialect);
        let run: Vec<&Row> = rows.iter().skip(from).take(count).take_while(|row| !row.too_long).collect();
        if let (Some(first), Some(last)) = (run.first(), run.last()) {
            let place = usize::try_from(first.offset).unwrap()..usize::try_from(last.offset + last.length).unwrap();
            let mut again = Rows::new(&bytes[place], dialect, first.number, first.line, first.offset);
            let mut row = Row::default();
            for expected in run {
                prop_assert!(again.read(&mut row));
                prop_assert_eq!(format!("{row:?}"), format!("{expected:?}"));
            }
            prop_assert!(!again.read(&mut row));
        }
    }

    /// Well-formed CSV reads as the crate `csv` reads it.
    #[test]
    fn an_independent_reader_finds_the_same_fields(
        table in proptest::collection::vec(proptest::collection::vec("x[a-c,\"\n]{0,6}x", 1..5), 1..8),
        crlf in any::<bool>(),
    ) {
        let terminator = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let mut writer = csv::WriterBuilder::new().flexible(true).terminator(terminator).from_writer(Vec::new());
        for record in &table {
            writer.write_record(record).unwrap();
        }
        let bytes = writer.into_inner().unwrap();
        let mut reader = csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(bytes.as_slice());
        let theirs: Vec<Vec<String>> =
            reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect();
        let (rows, _) = all_rows(&bytes, 13, Dialect::default());
        let ours: Vec<Vec<&str>> = rows.iter().map(fields).collect();
        prop_assert_eq!(&theirs, &table);
        prop_assert_eq!(ours, theirs);
    }
}
