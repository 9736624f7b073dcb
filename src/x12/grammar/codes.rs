//! Code lists of elements whose code decides what happens.

/// The codes of an element.
#[derive(Debug)]
pub struct Codes {
    /// Separated by blanks, in the order of their bytes.
    text: &'static str,
    /// A bit for each code of one or two capital letters and digits.
    short: [u64; WORDS],
}

const WORDS: usize = (37_usize * 37).div_ceil(64);

impl Codes {
    /// Whether it is one of the codes.
    pub fn have(&self, code: &[u8]) -> bool {
        match code {
            [first] => self.bit(*first, None),
            [first, second] => self.bit(*first, Some(*second)),
            _ => self.text.split(' ').any(|known| known.as_bytes() == code),
        }
    }

    /// All of them, in the order of their bytes.
    pub fn iter(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.text.split(' ')
    }

    fn bit(&self, first: u8, second: Option<u8>) -> bool {
        let Some(at) = place(first, second) else { return false };
        self.short.get(at / 64).is_some_and(|word| word & (1 << (at % 64)) != 0)
    }
}

/// A list of codes that stand in the order of their bytes, one blank between them.
const fn list(text: &'static str) -> Codes {
    let bytes = text.as_bytes();
    let (mut short, mut start, mut before) = ([0; WORDS], 0, 0);
    while start < bytes.len() {
        let mut end = start;
        let mut order: u64 = 0;
        while end < bytes.len() && bytes[end] != b' ' {
            order |= (bytes[end] as u64) << (56 - 8 * (end - start));
            end += 1;
        }
        assert!(order > before, "codes stand in the order of their bytes, each once");
        before = order;
        let place = match end - start {
            1 => place(bytes[start], None),
            2 => place(bytes[start], Some(bytes[start + 1])),
            _ => None,
        };
        match place {
            Some(at) => short[at / 64] |= 1 << (at % 64),
            None => assert!(end - start > 2, "a code is made of capital letters and digits"),
        }
        start = end + 1;
    }
    assert!(before != 0, "a list has codes");
    Codes { text, short }
}

const fn place(first: u8, second: Option<u8>) -> Option<usize> {
    let Some(first) = rank(first) else { return None };
    let second = match second {
        None => 0,
        Some(second) => match rank(second) {
            Some(rank) => rank + 1,
            None => return None,
        },
    };
    Some(first * 37 + second)
}

const fn rank(byte: u8) -> Option<usize> {
    match byte {
        b'0'..=b'9' => Some((byte - b'0') as usize),
        b'A'..=b'Z' => Some((byte - b'A') as usize + 10),
        _ => None,
    }
}

/// 248.
pub(super) static ALLOWANCE_OR_CHARGE: Codes = list("A C N P Q R S");
/// 715 and 717.
pub(super) static ACKNOWLEDGMENT: Codes = list("A E M P R W X");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_one_whole_word_of_its_list() {
        static SOME: Codes = list("0 00 5C A AB ABC ZZ");
        for (code, known) in [
            ("0", true),
            ("00", true),
            ("5C", true),
            ("A", true),
            ("AB", true),
            ("ABC", true),
            ("ZZ", true),
            ("", false),
            ("Z", false),
            ("01", false),
            ("ab", false),
            ("A ", false),
            ("ABCD", false),
            ("A AB", false),
        ] {
            assert_eq!(SOME.have(code.as_bytes()), known, "{code:?}");
        }
        assert_eq!(SOME.iter().count(), 7);
    }
}
