//! In what two interchanges under one number differ, as far as the first one's bytes are at hand.

use crate::domain::Text;
use crate::run::input::Input;
use crate::run::source::Source;
use crate::run::unit::Unit;
use crate::store::InterchangeRow;
use anyhow::Result;

/// So many bytes of each are compared, so many differences told, so much of each value.
const BYTES_MAX: u64 = 64 << 10;
const TOLD: usize = 5;
const SHOWN: usize = 40;

/// In words, element by element; None where the first one's bytes are not there any more.
pub(super) fn differences(
    unit: &mut Unit<'_>,
    input: &Input,
    (offset, length): (u64, u64),
    first: &InterchangeRow,
) -> Result<Option<String>> {
    let Some(source) = source_of(unit, input, first)? else { return Ok(None) };
    let Some(end) = first.offset.checked_add(first.length).filter(|end| *end <= source.length) else {
        return Ok(None);
    };
    let before = source.read(first.offset, (end - first.offset).min(BYTES_MAX))?;
    if !before.starts_with(b"ISA") {
        // the archive keeps this input in another form
        return Ok(None);
    }
    let now = input.source.read(offset, length.min(BYTES_MAX))?;
    Ok(Some(compare(&before, &now)))
}

/// The input that brought the first one: in the archive, or still in work where it came in this very unit.
fn source_of(unit: &mut Unit<'_>, input: &Input, first: &InterchangeRow) -> Result<Option<Source>> {
    let mut paths: Vec<Text> = Vec::new();
    if let Some(receipt) = unit.tx.receipt_of(&first.run_id, &first.name)? {
        paths.extend([receipt.archive_path, receipt.work_path]);
    } else if first.run_id == unit.run.run_id
        && let Some(folder) = input.claimed.work_path.strip_suffix(&input.claimed.relative)
    {
        paths.push(format!("{folder}{}", first.name).into());
    }
    for path in paths {
        if let Ok(path) = unit.folders.path(&path)
            && let Ok(source) = Source::open(&path)
        {
            return Ok(Some(source));
        }
    }
    Ok(None)
}

/// `BEG03 "P-1" -> "P-2", PO102 "5" -> "6"`.
fn compare(before: &[u8], now: &[u8]) -> String {
    let (before, now) = (segments(before), segments(now));
    let mut told = Vec::new();
    for (number, (was, is)) in (1..).zip(before.iter().zip(&now)) {
        let (id, other) = (was.first().copied().unwrap_or_default(), is.first().copied().unwrap_or_default());
        if id != other {
            told.push(format!("segment {number} {} -> {}", shown(id), shown(other)));
            break;
        }
        for element in 1..was.len().max(is.len()) {
            let of = |segment: &[&[u8]]| segment.get(element).map(|value| value.to_vec()).unwrap_or_default();
            if of(was) != of(is) {
                let id = String::from_utf8_lossy(id);
                told.push(format!("{id}{element:02} {} -> {}", shown(&of(was)), shown(&of(is))));
            }
        }
        if told.len() > TOLD {
            break;
        }
    }
    if told.is_empty() {
        return match (before.len(), now.len()) {
            (was, is) if was == is => "what differs stands between the segments, or far into them".to_owned(),
            (was, is) => format!("{was} segments -> {is} segments"),
        };
    }
    let more = if told.len() > TOLD { ", ..." } else { "" };
    told.truncate(TOLD);
    told.join(", ") + more
}

/// The elements of each segment, by the separators that the ISA has.
fn segments(bytes: &[u8]) -> Vec<Vec<&[u8]>> {
    let (Some(element), Some(end)) = (bytes.get(3), bytes.get(105)) else { return Vec::new() };
    bytes
        .split(|byte| byte == end)
        .map(|segment| segment.trim_ascii().split(|byte| byte == element).collect::<Vec<_>>())
        .filter(|segment| segment.first().is_some_and(|id| !id.is_empty()))
        .collect()
}

fn shown(value: &[u8]) -> String {
    let text: String = String::from_utf8_lossy(value).chars().take(SHOWN).collect();
    format!("{text:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interchange(body: &str) -> Vec<u8> {
        format!("ISA*{}~{body}", "0".repeat(101)).into_bytes()
    }

    #[test]
    fn names_the_elements_that_differ() {
        for (before, now, expected) in [
            (
                "BEG*00*SA*P-1~PO1*1*5~",
                "BEG*00*SA*P-2~PO1*1*6~",
                "BEG03 \"P-1\" -> \"P-2\", PO102 \"5\" -> \"6\"",
            ),
            ("PO1*1~", "\nPO1*1*2~\n", "PO102 \"\" -> \"2\""),
            ("PO1*1~CTT*1~", "PO1*1~PO1*2~CTT*2~", "segment 3 \"CTT\" -> \"PO1\""),
            ("PO1*1~", "PO1*1~PO1*2~", "2 segments -> 3 segments"),
            ("PO1*1~", "PO1*1~\n", "what differs stands between the segments, or far into them"),
            (
                "A*1*2*3*4*5*6*7~",
                "A*9*8*7*6*5*4*3~",
                "A01 \"1\" -> \"9\", A02 \"2\" -> \"8\", A03 \"3\" -> \"7\", A04 \"4\" -> \"6\", A06 \"6\" -> \"4\", ...",
            ),
        ] {
            assert_eq!(compare(&interchange(before), &interchange(now)), expected);
        }
        assert_eq!(compare(b"ISA", b""), "what differs stands between the segments, or far into them");
    }
}
