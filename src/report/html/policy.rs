//! What a browser may do with a report's page: run our scripts, told by their hashes, and nothing else, from nowhere.

use sha2::{Digest as _, Sha256};

/// The content of a `Content-Security-Policy` that allows these scripts and this style, and forbids every request.
pub(super) fn policy(scripts: &[&str], style: &str) -> String {
    let mut policy = "default-src 'none'; base-uri 'none'; form-action 'none'; style-src ".to_owned();
    policy += &source(style);
    policy += "; script-src";
    for script in scripts {
        policy.push(' ');
        policy += &source(script);
    }
    policy
}

fn source(text: &str) -> String {
    format!("'sha256-{}'", base64(&Sha256::digest(text)))
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place > three.len() { '=' } else { char::from(letter) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_as_rfc_4648_has_them() {
        for (bytes, expected) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(bytes.as_bytes()), expected);
        }
        assert_eq!(base64(&[0xFB, 0xFF, 0xFE]), "+//+");
    }

    #[test]
    fn a_policy_names_the_hash_of_each_script_and_of_the_style() {
        assert_eq!(
            policy(&["a", ""], "p{}"),
            "default-src 'none'; base-uri 'none'; form-action 'none'; \
             style-src 'sha256-gG2yISYereRMiG2lMXrbiUgi0Ubw9p7QCeWcroOvy9Y='; \
             script-src 'sha256-ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs=' \
             'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
        );
    }

    // Nobody edits the library: it comes from vendor/build.sh, and its sum stands in vendor/README.md.
    #[test]
    fn the_charting_library_is_the_one_that_the_notes_name() {
        let script = include_str!("vendor/echarts.min.js");
        let sum: String = Sha256::digest(script).iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(include_str!("vendor/README.md").contains(&sum), "{sum}");
        assert!(!script.contains("</script") && !script.contains("<!--"));
        for licence in ["Apache License, Version 2.0", "BSD 3-Clause", "Mike Bostock", "0BSD"] {
            assert!(script.split("*/").next().unwrap().contains(licence), "{licence}");
        }
    }
}
