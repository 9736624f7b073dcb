//! Code lists of elements whose code decides what happens.
//!
//! Only a list that a public dictionary shows whole is here, most of them checked against a second one, and it unites what
//! they show of the releases from 004010 on, so that no code of another release is refused. Elements whose list nobody could check, such as 235, 66, 98, 355, 587 and 640, take any.

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

/// 353, what is asked with a document.
pub(super) static PURPOSE: Codes = list(
    "00 01 02 03 04 05 06 07 08 10 11 12 13 14 15 16 17 18 19 20 21 22 24 25 26 27 28 30 31 32 33 34 \
     35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 5C 77 CN CO EX GR PR RH RV \
     SB SU ZZ",
);
/// 92, the kind of an order.
pub(super) static ORDER_TYPE: Codes = list(
    "AB AC AO BD BE BH BK BL BQ BY CA CB CC CD CE CF CG CN CO CP CR DR DS EO EX FF FH IN JL KA KB KC \
     KD KE KG KI KN KO KP KQ KR KS KT LB LN LS NA NE NO NP NS OS PR RA RC RE RL RN RO RR RT RU RW SA \
     SO SP SS ST SW TC TM TR UD UE US WO ZZ",
);
/// 248.
pub(super) static ALLOWANCE_OR_CHARGE: Codes = list("A C N P Q R S");
/// 349.
pub(super) static DESCRIPTION_TYPE: Codes = list("F S X");
/// 478.
pub(super) static CREDIT_OR_DEBIT: Codes = list("C D");
/// 639, what a price is for.
pub(super) static PRICE_BASIS: Codes = list(
    "AA AB AP AW BD BR BW CA CP CR CT DI DP DR DS EC EH ES FB FO FX HF HP HT KA KP KR LC LD LE LM LR \
     ME ML NC NE NQ NS NT PA PB PD PE PF PG PK PL PM PN PO PP PQ PR PS PT PU PV PY QE QH QR QS QT RC \
     RD RE RM RS RT SA SC SM SR ST SW TB TC TD TE TF TM TP TT UM VQ WC WD WE WH WI WM",
);
/// 668, what becomes of a line.
pub(super) static LINE_STATUS: Codes =
    list("AA AC AR BP DR IA IB IC ID IE IF IH IP IQ IR IS IW R1 R2 R3 R4 R5 R6 R7 R8 R9 SP");
/// 670, what is changed in a line.
pub(super) static CHANGE: Codes =
    list("AA AI CA CB CC CE CF CG CH CI CT DI MU NC OA OC PC PQ PR QC QD QI RA RB RC RE RM RQ RS RZ TI");
/// 715.
pub(super) static GROUP_VERDICT: Codes = list("A E M P R W X");
/// 716.
pub(super) static GROUP_ERROR: Codes = list("1 10 11 12 13 14 15 16 17 18 19 2 23 24 25 26 3 4 5 6");
/// 717.
pub(super) static SET_VERDICT: Codes = list("A E M R W X");
/// 718.
pub(super) static SET_ERROR: Codes =
    list("1 10 11 12 13 15 16 17 18 19 2 20 21 22 23 24 25 26 27 3 4 5 6 7 8 9");
/// 720.
pub(super) static SEGMENT_ERROR: Codes = list("1 2 3 4 5 6 7 8");
/// 723.
pub(super) static ELEMENT_ERROR: Codes = list("1 10 12 13 2 3 4 5 6 7 8 9");
/// 736, whether levels stand under this one.
pub(super) static CHILDREN: Codes = list("0 1");
/// 618.
pub(super) static GUIDE_SET_ERROR: Codes =
    list("1 10 11 12 13 15 16 17 18 19 2 20 21 22 23 24 25 26 27 3 4 5 6 7 8 9 I5 I6");
/// 620.
pub(super) static GUIDE_SEGMENT_ERROR: Codes = list("1 2 3 4 5 6 7 8 I4 I6 I7 I8 I9");
/// 621.
pub(super) static GUIDE_ELEMENT_ERROR: Codes = list("1 10 12 13 2 3 4 5 6 7 8 9 I10 I11 I12 I13 I6 I9");

/// I17, TA104.
pub(super) static INTERCHANGE_VERDICT: Codes = list("A E R");
/// I18, TA105.
pub(super) static INTERCHANGE_NOTE: Codes = list(
    "000 001 002 003 004 005 006 007 008 009 010 011 012 013 014 015 016 017 018 019 020 021 022 023 \
     024 025 026 027 028 029 030 031",
);

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
