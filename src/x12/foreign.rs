//! Files that are neither X12 nor CSV, recognised by their first bytes and named for a person.

use crate::domain::diagnostic::{Diagnostic, Location};
use crate::domain::rules::envelope::FILE_OF_ANOTHER_KIND;
use crate::x12::envelope::begins_wide;

/// How a file begins, and what it then is.
const BEGINNINGS: &[(&[u8], &str)] = &[
    (b"%PDF-", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive; Excel and Word files are such archives too"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\x1f\x8b", "a file compressed with gzip"),
    (b"BZh", "a file compressed with bzip2"),
    (b"\xfd7zXZ\0", "a file compressed with xz"),
    (b"\x28\xb5\x2f\xfd", "a file compressed with zstd"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel, Word or Outlook file of the old kind"),
    (b"{\\rtf", "an RTF document"),
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"II*\0", "a TIFF picture"),
    (b"MM\0*", "a TIFF picture"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"-----BEGIN PGP", "a message encrypted or signed with PGP"),
    (b"-----BEGIN ", "a certificate, a key or an encrypted message"),
    (b"MIME-Version:", "a whole mail or AS2 message"),
    (b"Content-Type:", "a whole mail or AS2 message"),
    (b"UNA", "EDIFACT, not X12"),
    (b"UNB+", "EDIFACT, not X12"),
    (b"UNB\x1d", "EDIFACT, not X12"),
    (b"STX=", "TRADACOMS, not X12"),
];

/// The same for text, whatever its case and the blanks before it.
const TEXTS: &[(&str, &str)] = &[
    ("<!doctype html", "an HTML page, such as an error page of a web server"),
    ("<html", "an HTML page, such as an error page of a web server"),
    ("<?xml", "an XML document"),
    ("<soap", "an XML document"),
];

/// What a file is, by its first bytes: `a PDF document`. None for what may be X12 or CSV, in UTF-16 too.
pub fn recognize(head: &[u8]) -> Option<&'static str> {
    if let Some((_, name)) = BEGINNINGS.iter().find(|(beginning, _)| head.starts_with(beginning)) {
        return Some(name);
    }
    if head.get(257..262) == Some(b"ustar") {
        return Some("a tar archive of several files");
    }
    if begins_wide(head) {
        return None;
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let begins = |beginning: &str| {
        text.get(..beginning.len()).is_some_and(|text| text.eq_ignore_ascii_case(beginning.as_bytes()))
    };
    if let Some((_, name)) = TEXTS.iter().find(|(beginning, _)| begins(beginning)) {
        return Some(name);
    }
    if is_json(text) {
        return Some("a JSON document");
    }
    is_binary(head).then_some("binary data of an unknown kind")
}

/// The one finding about a file of another kind: its beginning, in which control characters are shown as such.
pub fn finding(head: &[u8], kind: &str) -> Diagnostic {
    let sample = head.get(..16).unwrap_or(head);
    let line = sample.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(sample.len());
    let at = Location { length: u32::try_from(line.max(1)).unwrap_or(1), ..Location::default() };
    Diagnostic::new(&FILE_OF_ANOTHER_KIND, at).detail(format!("by its first bytes it is {kind}"))
}

fn is_json(text: &[u8]) -> bool {
    let mut solid = text.iter().filter(|byte| !byte.is_ascii_whitespace());
    match solid.next() {
        Some(b'{') => matches!(solid.next(), Some(b'"' | b'}')),
        Some(b'[') => matches!(solid.next(), Some(b'{' | b'[' | b'"' | b']')),
        _ => false,
    }
}

/// More than a tenth of the beginning are control characters that neither X12 nor CSV has for data, and no ISA is in it.
fn is_binary(head: &[u8]) -> bool {
    let sample = head.get(..512).unwrap_or(head);
    let odd = |byte: &&u8| matches!(byte, 0x01..=0x06 | 0x08 | 0x0e..=0x19 | 0x1b | 0x7f);
    let known = head.windows(3).any(|bytes| matches!(bytes, b"ISA"));
    !known && sample.iter().filter(odd).count() * 20 > sample.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_kinds_of_files_are_named_by_their_first_bytes() {
        let noise: Vec<u8> = (0..900_u32).map(|n| (n * 73 + 41).to_le_bytes()[0]).collect();
        let rows: [(&[u8], &str); 10] = [
            (b"%PDF-1.7\n", "a PDF document"),
            (b"PK\x03\x04\x14\0", "a ZIP archive; Excel and Word files are such archives too"),
            (b"\x1f\x8b\x08\0", "a file compressed with gzip"),
            (b"\n <!DOCTYPE HTML><html>", "an HTML page, such as an error page of a web server"),
            (b"\xef\xbb\xbf<?xml version=\"1.0\"?>", "an XML document"),
            (b"{ \"po\": 1 }", "a JSON document"),
            (b"[{\"po\": 1}]", "a JSON document"),
            (b"UNB+UNOA:1+", "EDIFACT, not X12"),
            (b"-----BEGIN PGP MESSAGE-----", "a message encrypted or signed with PGP"),
            (&noise, "binary data of an unknown kind"),
        ];
        for (head, name) in rows {
            assert_eq!(recognize(head), Some(name), "{head:?}");
        }
    }

    #[test]
    fn what_may_be_x12_or_csv_is_left_to_their_readers() {
        let csv: Vec<u8> = "\u{feff}po_number,qty\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let utf16: Vec<u8> = "ISA*00*".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let utf16_be: Vec<u8> = "\u{feff}ISA*00*".encode_utf16().flat_map(u16::to_be_bytes).collect();
        let rows: [&[u8]; 13] = [
            &utf16,
            &utf16_be,
            b"",
            b"  \r\n ",
            b"ISA*00*          *00*",
            b"ISA\x1d00\x1d          \x1d00\x1d",
            b"\xef\xbb\xbfISA*00*",
            b"GS*PO*",
            b"MAILBOX REPORT 17\nISA*00*",
            b"PO #,Qty\n7001,2\n",
            b"[PO],Qty\n7001,2\n",
            b"Best\xe4tellung;Menge\n1;2\n",
            &csv,
        ];
        for head in rows {
            assert_eq!(recognize(head), None, "{head:?}");
        }
    }
}
