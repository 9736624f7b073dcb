//! The elements of one segment, split once and read by their types.

use crate::domain::diagnostic::Location;
use crate::domain::money::{parse_decimal, parse_n2};
use crate::domain::order::ItemNumber;
use crate::domain::{Date, Decimal, Text};
use crate::x12::lexer::{self, Segment};
use crate::x12::structure::Node;

/// More than any segment of an 850 has.
const ELEMENTS_MAX: usize = 32;

pub(super) struct Elements<'a> {
    segment: Segment<'a>,
    values: [&'a [u8]; ELEMENTS_MAX],
}

impl<'a> Elements<'a> {
    pub(super) fn of(segment: &Segment<'a>) -> Self {
        let mut values: [&[u8]; ELEMENTS_MAX] = [&[]; ELEMENTS_MAX];
        for (slot, value) in values.iter_mut().zip(segment.elements().skip(1)) {
            *slot = value;
        }
        Self { segment: *segment, values }
    }

    /// Element `number`, from 1; empty where it is not there.
    pub(super) fn bytes(&self, number: usize) -> &'a [u8] {
        assert!(number >= 1, "X12 counts elements from 1");
        self.values.get(number - 1).copied().unwrap_or_default()
    }

    pub(super) fn text(&self, number: usize) -> Text {
        lexer::text(self.bytes(number))
    }

    /// The first component of a composite.
    pub(super) fn first_component(&self, number: usize) -> Text {
        let mut components = lexer::components(self.bytes(number), self.segment.separators());
        components.next().map(lexer::text).unwrap_or_default()
    }

    pub(super) fn is(&self, number: usize, code: &str) -> bool {
        self.bytes(number) == code.as_bytes()
    }

    pub(super) fn is_blank(&self, number: usize) -> bool {
        self.bytes(number).trim_ascii().is_empty()
    }

    /// Type R, which may have a power of ten.
    pub(super) fn decimal(&self, number: usize) -> Option<Decimal> {
        let text = std::str::from_utf8(self.bytes(number)).ok()?;
        parse_decimal(text).or_else(|| {
            let (base, power) = text.split_once('E')?;
            let whole = power.strip_prefix('-').unwrap_or(power).bytes().all(|byte| byte.is_ascii_digit());
            parse_decimal(base).filter(|_| whole).and_then(|_| Decimal::from_scientific(text).ok())
        })
    }

    /// Type N2, in currency units.
    pub(super) fn cents(&self, number: usize) -> Option<Decimal> {
        parse_n2(std::str::from_utf8(self.bytes(number)).ok()?)
    }

    /// Type N0.
    pub(super) fn count(&self, number: usize) -> Option<u32> {
        let digits = self.bytes(number);
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        std::str::from_utf8(digits).ok()?.parse().ok()
    }

    /// Type DT.
    pub(super) fn date(&self, number: usize) -> Option<Date> {
        date(self.bytes(number))
    }

    /// The pairs of qualifier and value from element `first` on; only those that have both.
    pub(super) fn pairs(&self, first: usize, last: usize) -> Vec<ItemNumber> {
        let pairs = (first..=last).step_by(2).filter(|at| !self.is_blank(*at) && !self.is_blank(at + 1));
        pairs.map(|at| ItemNumber { qualifier: self.text(at), value: self.text(at + 1) }).collect()
    }
}

/// The place of an element of a placed segment.
pub(super) fn at(node: &Node<'_>, element: u32) -> Location {
    let number = element as usize;
    let length = node.segment.element(number).len();
    Location {
        element,
        offset: node.segment.element_offset(number),
        length: u32::try_from(length).unwrap_or(u32::MAX),
        ..node.location()
    }
}

/// CCYYMMDD, or YYMMDD as versions before 004010 have it: years 69 to 99 are of the twentieth century, 00 to 68 of this.
pub(in crate::documents) fn date(digits: &[u8]) -> Option<Date> {
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = |part: &[u8]| part.iter().fold(0i16, |number, digit| number * 10 + i16::from(digit - b'0'));
    let (year, rest) = match digits.len() {
        8 => (number(&digits[..4]), &digits[4..]),
        6 => match number(&digits[..2]) {
            year @ 69.. => (1900 + year, &digits[2..]),
            year => (2000 + year, &digits[2..]),
        },
        _ => return None,
    };
    let small = |part: &[u8]| i8::try_from(number(part)).ok();
    Date::new(year, small(&rest[..2])?, small(&rest[2..])?).ok().filter(|date| date.year() >= 1900)
}
