//! ISA, GS and TA1 as values.

use super::checks::{clean, value};
use super::{Group, Isa, Ta1};
use crate::domain::Text;
use crate::x12::lexer::{Header, Segment};

pub(super) fn isa(header: &Header) -> Isa {
    let element = |number: usize| -> Text {
        let value = header.elements.get(number - 1).map(Text::as_str).unwrap_or_default();
        clean(value).into()
    };
    Isa {
        sender_qualifier: element(5),
        sender: element(6),
        receiver_qualifier: element(7),
        receiver: element(8),
        date: element(9),
        time: element(10),
        version: element(12),
        control: element(13),
        acknowledgment_requested: element(14) == "1",
        usage: element(15),
    }
}

pub(super) fn ta1(segment: &Segment<'_>) -> Ta1 {
    let value = |number| value(segment, number);
    Ta1 { control: value(1), date: value(2), time: value(3), verdict: value(4), note: value(5) }
}

pub(super) fn group(segment: &Segment<'_>) -> Group {
    let value = |number| value(segment, number);
    Group {
        offset: segment.offset,
        functional_id: value(1),
        sender: value(2),
        receiver: value(3),
        date: value(4),
        time: value(5),
        control: value(6),
        control_offset: segment.element_offset(6),
        agency: value(7),
        version: value(8),
        ..Group::default()
    }
}
