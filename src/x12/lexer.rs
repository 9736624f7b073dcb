//! Separators from the ISA, and the split of a transaction set into segments and elements.

/// The separators of one interchange, any bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Separators {
    /// The byte after `ISA`.
    pub element: u8,
    /// ISA16.
    pub component: u8,
    /// ISA11 from version 00402 on; None before, where ISA11 names a standard.
    pub repetition: Option<u8>,
    /// The byte after ISA16.
    pub segment: u8,
}

/// Bytes of an ISA segment with its terminator, as the standard has it.
pub const ISA_BYTES: usize = 106;

impl Separators {
    pub fn contains(&self, byte: u8) -> bool {
        [self.element, self.component, self.segment].contains(&byte) || self.repetition == Some(byte)
    }

    /// Whether no two separators are the same byte.
    pub fn are_distinct(&self) -> bool {
        let Self { element, component, repetition, segment } = *self;
        let others = [element, component, segment];
        element != component
            && element != segment
            && component != segment
            && repetition.is_none_or(|byte| !others.contains(&byte))
    }
}

/// Whether ISA11 is the repetition separator under this ISA12: from 00402 on. What is no version does not repeat.
pub fn version_repeats(isa12: &[u8]) -> bool {
    isa12.len() == 5 && isa12.iter().all(u8::is_ascii_digit) && isa12 >= b"00402".as_slice()
}

/// One segment, borrowed from the file's bytes, without its terminator and without line breaks around it.
#[derive(Debug, Clone, Copy)]
pub struct Segment<'a> {
    bytes: &'a [u8],
    separators: Separators,
    /// Byte of the file at which the segment id begins.
    pub offset: u64,
    /// Position in the transaction set as X12 counts: ST = 1.
    pub number: u32,
}

impl<'a> Segment<'a> {
    pub fn new(bytes: &'a [u8], separators: Separators, offset: u64, number: u32) -> Self {
        Self { bytes, separators, offset, number }
    }

    /// All bytes of the segment.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    pub fn separators(&self) -> Separators {
        self.separators
    }

    /// The segment id, such as `PO1`.
    pub fn id(&self) -> &'a [u8] {
        self.elements().next().unwrap_or_default()
    }

    /// The id first (element 0), then element 1 and on.
    pub fn elements(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let separator = self.separators.element;
        self.bytes.split(move |byte| *byte == separator)
    }

    /// Element `number`, from 1; empty where it is empty or not there.
    pub fn element(&self, number: usize) -> &'a [u8] {
        assert!(number >= 1, "X12 counts elements from 1");
        self.elements().nth(number).unwrap_or_default()
    }

    /// How many elements there are after the id.
    pub fn len(&self) -> usize {
        self.elements().count() - 1
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Byte of the file at which element `number` begins, or the end of the segment where it is not there.
    pub fn element_offset(&self, number: usize) -> u64 {
        let before: usize = self.elements().take(number).map(|element| element.len() + 1).sum();
        self.offset + before.min(self.bytes.len()) as u64
    }
}

/// Text of an element: UTF-8 where the bytes are, else each byte as its Latin-1 character.
pub fn text(bytes: &[u8]) -> crate::domain::Text {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// The segments of a piece of a file that begins with one, numbered from 1. Line breaks, blanks and tabs before a
/// segment id are passed over. `offset` is the piece's place in the file.
pub fn segments(bytes: &[u8], separators: Separators, offset: u64) -> impl Iterator<Item = Segment<'_>> {
    let mut at = 0;
    let mut number = 0;
    std::iter::from_fn(move || {
        let skipped = bytes[at..].iter().position(|byte| !byte.is_ascii_whitespace())?;
        let start = at + skipped;
        let end =
            memchr::memchr(separators.segment, &bytes[start..]).map_or(bytes.len(), |found| start + found);
        at = (end + 1).min(bytes.len());
        number += 1;
        let trimmed = bytes[start..end].trim_ascii_end();
        Some(Segment::new(trimmed, separators, offset + start as u64, number))
    })
}
