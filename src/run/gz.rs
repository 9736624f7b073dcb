//! Files compressed with gzip, unpacked as far as their limits let them grow.

use crate::domain::diagnostic::{Diagnostic, Location};
use crate::domain::rules::inputs::{GZ_BROKEN, GZ_GROWS, GZ_TOO_LARGE};
use crate::site::config::GzLimits;
use anyhow::{Context as _, Result};
use flate2::bufread::GzDecoder;
use std::io::{BufRead, BufReader, ErrorKind, Read};

/// How a gzip file begins.
pub(super) const MAGIC: &[u8] = b"\x1f\x8b";

/// Content up to this size may be of any ratio: a short text of blanks packs well.
const RATIO_FREE_BYTES: u64 = 1 << 20;
/// A file may be several gzip files one after the other; each costs memory and time, whatever is in it.
const MEMBERS_MAX: u32 = 100_000;

/// Unpacks a file of `length` bytes piece by piece; how many bytes its content has, or why nothing of it is to be taken. `take`
/// never gets more than the limits allow.
pub(super) fn unpack(
    raw: impl Read,
    length: u64,
    limits: &GzLimits,
    take: &mut dyn FnMut(&[u8]) -> Result<()>,
) -> Result<Result<u64, Box<Diagnostic>>> {
    let mut raw = BufReader::with_capacity(1 << 16, raw);
    let grown = RATIO_FREE_BYTES.max(length.saturating_mul(u64::from(limits.ratio_max)));
    let mut piece = vec![0; 1 << 16];
    let mut content = 0;
    for _ in 0..MEMBERS_MAX {
        let mut member = GzDecoder::new(&mut raw);
        loop {
            let read = match member.read(&mut piece) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if is_of_the_data(error.kind()) => {
                    return Ok(Err(broken(content, &error.to_string())));
                }
                Err(error) => return Err(error).context("read on"),
            };
            content += read as u64;
            if content > limits.bytes_max {
                let detail = format!("the limit is {} bytes", limits.bytes_max);
                return Ok(Err(Box::new(Diagnostic::new(&GZ_TOO_LARGE, Location::default()).detail(detail))));
            }
            if content > grown {
                let detail = format!(
                    "{length} bytes unpack to more than {grown}: the limit is {} for each",
                    limits.ratio_max
                );
                return Ok(Err(Box::new(Diagnostic::new(&GZ_GROWS, Location::default()).detail(detail))));
            }
            take(piece.get(..read).unwrap_or_default())?;
        }
        match after_member(&mut raw)? {
            After::Nothing => return Ok(Ok(content)),
            After::Member => {}
            After::Else => return Ok(Err(broken(content, "something else follows after its end"))),
        }
    }
    Ok(Err(broken(content, &format!("it is more than {MEMBERS_MAX} files in one"))))
}

fn broken(content: u64, why: &str) -> Box<Diagnostic> {
    let detail = format!("after {content} bytes of content: {why}");
    Box::new(Diagnostic::new(&GZ_BROKEN, Location::default()).detail(detail))
}

/// What the decoder says of the bytes, and not the system of the disk.
fn is_of_the_data(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::InvalidInput | ErrorKind::InvalidData | ErrorKind::UnexpectedEof)
}

enum After {
    /// The end, or zeros up to it, with which tapes and blocks are filled.
    Nothing,
    Member,
    Else,
}

fn after_member(raw: &mut impl BufRead) -> Result<After> {
    let mut padded = false;
    loop {
        let bytes = raw.fill_buf().context("read on")?;
        let Some(first) = bytes.first() else { return Ok(After::Nothing) };
        if *first != 0 {
            return Ok(if *first == 0x1f && !padded { After::Member } else { After::Else });
        }
        padded = true;
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        raw.consume(zeros);
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::io::Write as _;

    pub(crate) fn packed(content: &[u8]) -> Vec<u8> {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        packer.write_all(content).unwrap();
        packer.finish().unwrap()
    }

    /// The content, or the code and detail of what is wrong.
    fn unpacked(bytes: &[u8], limits: GzLimits) -> Result<Vec<u8>, String> {
        let mut content = Vec::new();
        let mut take = |piece: &[u8]| {
            content.extend_from_slice(piece);
            Ok(())
        };
        match unpack(bytes, bytes.len() as u64, &limits, &mut take).unwrap() {
            Ok(length) => {
                assert_eq!(length, content.len() as u64);
                Ok(content)
            }
            Err(why) => Err(format!("{} {}", why.rule.code, why.detail)),
        }
    }

    type Row = (&'static str, Vec<u8>, Result<Vec<u8>, &'static str>);

    #[test]
    fn what_is_whole_comes_out_and_what_is_not_says_why() {
        let text = b"ISA*00*".repeat(100);
        let whole = packed(&text);
        let twice = [whole.clone(), whole.clone()].concat();
        let mut flipped = whole.clone();
        let at = flipped.len() - 6;
        flipped[at] ^= 1;
        let cut = &whole[..whole.len() - 5];
        let rows: [Row; 11] = [
            ("one member", whole.clone(), Ok(text.clone())),
            ("two members", twice.clone(), Ok(text.repeat(2))),
            (
                "an empty member between",
                [whole.clone(), packed(b""), whole.clone()].concat(),
                Ok(text.repeat(2)),
            ),
            ("nothing in it", packed(b""), Ok(Vec::new())),
            ("filled up with zeros", [whole.clone(), vec![0; 100_000]].concat(), Ok(text.clone())),
            (
                "zeros and then another",
                [whole.clone(), vec![0; 9], whole.clone()].concat(),
                Err("E622 after 700"),
            ),
            (
                "text appended",
                [whole.clone(), b"ISA".to_vec()].concat(),
                Err("E622 after 700 bytes of content: something"),
            ),
            ("half a header appended", [whole.clone(), b"\x1f\x8b".to_vec()].concat(), Err("E622 after 700")),
            ("cut off", cut.to_vec(), Err("E622 after")),
            ("a wrong checksum", flipped, Err("E622 after")),
            ("a header alone", whole[..10].to_vec(), Err("E622 after 0")),
        ];
        for (name, bytes, expected) in rows {
            match (unpacked(&bytes, GzLimits::default()), expected) {
                (Ok(came), Ok(expected)) => assert_eq!(came, expected, "{name}"),
                (Err(came), Err(expected)) => assert!(came.starts_with(expected), "{name}: {came}"),
                (came, _) => panic!("{name}: {came:?}"),
            }
        }
    }

    #[test]
    fn a_file_grows_to_its_limits_and_no_further() {
        let limits = |bytes_max, ratio_max| GzLimits { bytes_max, ratio_max };
        let noise: Vec<u8> =
            (0..3_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0]).collect();
        for (length, code) in [(2_999, ""), (3_000, ""), (3_001, "E620")] {
            let content: Vec<u8> = noise.iter().copied().cycle().take(length).collect();
            let came = unpacked(&packed(&content), limits(3_000, 250)).err().unwrap_or_default();
            assert!(came.starts_with(code) && came.is_empty() == code.is_empty(), "{length}: {came}");
        }
        // a megabyte may be of any ratio, and a byte more may not
        for (length, code) in [(1 << 20, ""), ((1 << 20) + 1, "E621")] {
            let came = unpacked(&packed(&vec![b' '; length]), limits(1 << 30, 2)).err().unwrap_or_default();
            assert!(came.starts_with(code) && came.is_empty() == code.is_empty(), "{length}: {came}");
        }
        let bomb = packed(&vec![0; 64 << 20]);
        assert!(unpacked(&bomb, GzLimits::default()).unwrap_err().starts_with("E621"));
    }

    #[test]
    fn a_file_of_very_many_files_ends() {
        let members = packed(b"").repeat(MEMBERS_MAX as usize + 1);
        assert!(unpacked(&members, GzLimits::default()).unwrap_err().starts_with("E622"));
    }
}
