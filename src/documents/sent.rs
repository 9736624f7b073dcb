//! By which numbers a person knows a document that goes out.

use crate::domain::Text;
use crate::domain::sent::SentDocument;
use crate::x12::lexer::{Separators, segments, text};
use crate::x12::writer::WrittenSet;

/// Where the numbers of a set stand: its id, the segment, the element of its own number and of the PO number (0: none).
const NUMBERS: &[(&str, &[u8], usize, usize)] =
    &[("810", b"BIG", 2, 4), ("855", b"BAK", 3, 3), ("865", b"BCA", 3, 3), ("997", b"AK1", 2, 0)];

/// The numbers of a set that is written: they stand in its first segment.
pub fn document(set: &WrittenSet, separators: Separators) -> SentDocument {
    let place = NUMBERS.iter().find(|(id, ..)| *id == set.id);
    let first = segments(&set.body, separators, 0).next();
    let (Some((_, id, number, po_number)), Some(segment)) = (place, first) else {
        return SentDocument::default();
    };
    if segment.id() != *id {
        return SentDocument::default();
    }
    let element = |at: usize| if at == 0 { Text::default() } else { text(segment.element(at)) };
    SentDocument { number: element(*number), po_number: element(*po_number) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEPARATORS: Separators =
        Separators { element: b'*', component: b'>', repetition: None, segment: b'~' };

    #[test]
    fn a_document_is_known_by_the_numbers_of_its_first_segment() {
        for (id, body, number, po_number) in [
            ("810", "BIG*20261120*INV-1**PO-7~\nIT1~\n", "INV-1", "PO-7"),
            ("810", "BIG*20261120*INV-1~\n", "INV-1", ""),
            ("855", "BAK*00*AC*PO-7*20261119~\n", "PO-7", "PO-7"),
            ("997", "AK1*PO*310~\n", "310", ""),
            ("855", "N1*ST~", "", ""),
            ("856", "BSN*00*1~", "", ""),
            ("810", "", "", ""),
        ] {
            let set = WrittenSet { id, functional_id: "XX", body: body.into(), segments: 1 };
            let expected = SentDocument { number: number.into(), po_number: po_number.into() };
            assert_eq!(document(&set, SEPARATORS), expected, "{body}");
        }
    }
}
