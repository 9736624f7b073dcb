//! Keys of entries that hold the key of the thing they are about.

use crate::ledger::post::escaped;
use sha2::{Digest as _, Sha256};

/// The longest key that stands inside another one as it is.
const KEY_MAX: usize = 100;

/// A key inside a key, escaped. A long one is named by its digest, because in a thing that goes from owner to owner each key
/// holds the one before.
pub(super) fn bounded(key: &str) -> String {
    let whole = escaped(key);
    if whole.len() <= KEY_MAX {
        return whole;
    }
    let digest = Sha256::digest(key.as_bytes());
    digest.iter().take(16).fold(String::from("~"), |text, byte| text + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_key_is_named_by_its_digest() {
        assert_eq!(bounded("pos/S1/R1/1/1"), "pos%2FS1%2FR1%2F1%2F1");
        let long = "x".repeat(KEY_MAX);
        assert_eq!(bounded(&long), long);
        let (one, other) = (bounded(&format!("{long}1")), bounded(&format!("{long}2")));
        assert!(one.len() == 33 && one.starts_with('~') && one != other, "{one} {other}");
    }
}
