//! Which control numbers a group has had, in little memory however many there are.

use crate::domain::Text;
use std::collections::{BTreeMap, BTreeSet};

/// So many control numbers that are no number of up to nine digits are remembered in one group.
const OTHERS_MAX: usize = 1 << 16;

/// A number takes the place of its low 16 bits under its high ones: two bytes where few stand together, a bit where many
/// do. Nine digits have 15,259 such places, so ten million numbers take at most 40 MB, and numbers that count up 2 MB.
#[derive(Debug, Default)]
pub(super) struct Seen {
    numbers: BTreeMap<u16, Place>,
    others: BTreeSet<Text>,
}

/// What came of a control number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sight {
    New,
    Repeated,
    /// There was no room to remember it.
    Forgotten,
}

#[derive(Debug)]
enum Place {
    /// In order.
    Few(Vec<u16>),
    Many(Box<[u64; 1 << 10]>),
}

/// From here on a bit each is less than two bytes each.
const FEW_MAX: usize = 1 << 12;

impl Seen {
    /// Takes a control number without its leading zeros.
    pub(super) fn insert(&mut self, control: &str) -> Sight {
        let digits = control.len() <= 9 && control.bytes().all(|byte| byte.is_ascii_digit());
        // The empty number is that of zeros alone.
        let number: Option<u32> =
            if control.is_empty() { Some(0) } else { control.parse().ok().filter(|_| digits) };
        if let Some(number) = number {
            let [a, b, c, d] = number.to_be_bytes();
            let place =
                self.numbers.entry(u16::from_be_bytes([a, b])).or_insert_with(|| Place::Few(Vec::new()));
            return if place.insert(u16::from_be_bytes([c, d])) { Sight::New } else { Sight::Repeated };
        }
        if self.others.contains(control) {
            Sight::Repeated
        } else if self.others.len() < OTHERS_MAX {
            self.others.insert(control.into());
            Sight::New
        } else {
            Sight::Forgotten
        }
    }
}

impl Place {
    /// False where it was there.
    fn insert(&mut self, low: u16) -> bool {
        match self {
            Self::Many(bits) => set(bits, low),
            Self::Few(few) => {
                let at = match few.last() {
                    Some(last) if *last < low => few.len(),
                    _ => match few.binary_search(&low) {
                        Ok(_) => return false,
                        Err(at) => at,
                    },
                };
                if few.len() < FEW_MAX {
                    few.insert(at, low);
                    return true;
                }
                let mut bits = Box::new([0; 1 << 10]);
                for low in few.iter().copied().chain([low]) {
                    set(&mut bits, low);
                }
                *self = Self::Many(bits);
                true
            }
        }
    }
}

/// False where the bit was set.
fn set(bits: &mut [u64; 1 << 10], low: u16) -> bool {
    let bit = 1 << (low & 63);
    let Some(word) = bits.get_mut(usize::from(low >> 6)) else { return true };
    let new = *word & bit == 0;
    *word |= bit;
    new
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn remembers_what_a_set_of_texts_remembers(
            numbers in prop::collection::vec(prop_oneof![0_u64..50, 65_500..65_600_u64, 999_999_990..1_000_000_020_u64], 0..200),
        ) {
            let (mut seen, mut plain) = (Seen::default(), BTreeSet::new());
            for number in numbers {
                let control = number.to_string();
                let control = control.trim_start_matches('0');
                let expected = if plain.insert(control.to_owned()) { Sight::New } else { Sight::Repeated };
                prop_assert_eq!(seen.insert(control), expected);
            }
        }
    }

    #[test]
    fn many_numbers_are_known_in_any_order() {
        let mut seen = Seen::default();
        for number in (0..60_000).rev().step_by(3).chain((0..60_000).skip(1).step_by(3)) {
            assert_eq!(seen.insert(&number.to_string()), Sight::New, "{number}");
        }
        for number in (0..60_000).rev().step_by(3).chain((0..60_000).skip(1).step_by(3)) {
            assert_eq!(seen.insert(&number.to_string()), Sight::Repeated, "{number}");
        }
        assert_eq!(seen.insert("2"), Sight::Repeated);
    }

    #[test]
    fn letters_are_remembered_as_far_as_the_limit_and_no_number_is_taken_for_another() {
        let mut seen = Seen::default();
        let rows = ["A1", "1", "+1", "10000000001", "１", "4294967297"];
        for control in rows {
            assert_eq!(seen.insert(control), Sight::New, "{control}");
            assert_eq!(seen.insert(control), Sight::Repeated, "{control}");
        }
        for number in 0..OTHERS_MAX {
            seen.insert(&format!("B{number}"));
        }
        assert_eq!(seen.insert("C"), Sight::Forgotten);
        assert_eq!(seen.insert("C"), Sight::Forgotten);
        assert_eq!(seen.insert("A1"), Sight::Repeated);
        assert_eq!(seen.insert("2"), Sight::New);
    }
}
