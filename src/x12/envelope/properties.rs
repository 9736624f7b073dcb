//! What holds of the scan for any bytes, however they are cut.

use super::tests::{GE, GS, IEA, ISA, SET, index, piece};
use super::*;
use crate::x12::lexer::{segments, unwrap_lines};
use proptest::prelude::*;

/// Gives its bytes in pieces of a fixed size.
struct Pieces<'a>(&'a [u8], usize);

impl std::io::Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = self.0.len().min(self.1).min(buffer.len());
        let (now, later) = self.0.split_at(length);
        buffer[..length].copy_from_slice(now);
        self.0 = later;
        Ok(length)
    }
}

/// Files put together from pieces that mean something to the scan, whole or cut.
fn files() -> impl Strategy<Value = Vec<u8>> {
    let wrapped = ISA.replacen("SENDER         ", "SENDER\n         ", 1);
    let pieces: Vec<Vec<u8>> = [
        ISA,
        GS,
        SET,
        GE,
        IEA,
        "ST*850*0001~",
        "SE*2*0001~",
        "TA1*1~",
        "PO1*1*2~",
        "ISA",
        "IEA",
        "~",
        "\n",
        "\r\n",
        "*",
        ">",
        "I",
        "\u{feff}",
        "\u{1a}",
        "ISA*00*~",
        "…",
        &wrapped,
        &ISA.replace('*', "|").replace('~', "\n"),
        &ISA.replace(">~", "~\n"),
        &ISA.replace(' ', ""),
        "GS|PO|A|B|C|D|1|X|004010\n",
        "ST|810|1\nSE|2|1\n",
        "IEA*1*000000001",
    ]
    .iter()
    .map(|piece| piece.as_bytes().to_vec())
    .collect();
    let piece =
        prop_oneof![8 => proptest::sample::select(pieces), 1 => proptest::collection::vec(any::<u8>(), 0..6)];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_pieces_give_the_same_index(bytes in files(), segment_bytes_max in 1_u32..200) {
        for limits in [Limits::default(), Limits { segment_bytes_max, sets_per_file_max: 5, ..Limits::default() }] {
            let whole = scan(bytes.as_slice(), &limits).unwrap();
            for size in [1, 7, 1 << 16] {
                let pieces = scan(Pieces(&bytes, size), &limits).unwrap();
                prop_assert_eq!(format!("{whole:?}"), format!("{pieces:?}"));
            }
        }
    }

    #[test]
    fn the_outline_is_the_index_without_its_sets(bytes in files(), envelope_findings_max in 1_u32..6) {
        for limits in [Limits::default(), Limits { envelope_findings_max, ..Limits::default() }] {
            let mut whole = scan(bytes.as_slice(), &limits).unwrap();
            let outline = outline(Pieces(&bytes, 7), &limits).unwrap();
            for interchange in &mut whole.interchanges {
                let sets = interchange.groups.iter().flat_map(|group| &group.sets);
                prop_assert_eq!(interchange.lines, sets.map(|set| u64::from(set.lines)).sum::<u64>());
                interchange.groups.iter_mut().for_each(|group| group.sets.clear());
                let mut first = true;
                interchange.groups.retain(|group| std::mem::take(&mut first) || !group.diagnostics.is_empty());
            }
            prop_assert_eq!(format!("{outline:?}"), format!("{whole:?}"));
        }
    }

    #[test]
    fn what_stays_of_a_file_is_bounded(bytes in files(), envelope_findings_max in 1_u32..6) {
        let limits = Limits { envelope_findings_max, ..Limits::default() };
        let outline = outline(bytes.as_slice(), &limits).unwrap();
        let kept = |interchange: &Interchange| {
            let groups = interchange.groups.iter().map(|group| group.diagnostics.len());
            interchange.ta1.len() + interchange.diagnostics.len() + groups.sum::<usize>()
        };
        let kept: usize = outline.interchanges.iter().map(kept).sum();
        // an interchange has its header's own findings, and what was open when the limit was passed is still closed
        let room = envelope_findings_max as usize + 8 + 4 * outline.interchanges.len();
        prop_assert!(kept <= room, "{kept} of {room}");
    }

    #[test]
    fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        prop_assert_eq!(index(&bytes).length, bytes.len() as u64);
        let headed = [ISA.as_bytes(), &bytes].concat();
        prop_assert!(index(&headed).interchanges.len() <= headed.len() / 20 + 1);
    }

    #[test]
    fn a_set_has_as_many_segments_as_the_scan_counted(bytes in files()) {
        let index = index(&bytes);
        let mut last = 0;
        for interchange in &index.interchanges {
            prop_assert!(interchange.offset >= last);
            last = interchange.offset + interchange.length;
            prop_assert!(last <= index.length);
            for set in interchange.groups.iter().flat_map(|group| &group.sets) {
                prop_assert!(set.offset >= interchange.offset && set.offset + set.length <= last);
                let mut set_bytes = piece(&bytes, set);
                if interchange.wrapped {
                    unwrap_lines(&mut set_bytes);
                }
                let read: Vec<_> = segments(&set_bytes, interchange.separators, set.offset).collect();
                prop_assert_eq!(read.len(), set.segments as usize);
                prop_assert_eq!(read[0].id(), b"ST");
            }
        }
    }

    #[test]
    fn the_reader_gives_each_set_the_bytes_of_its_place(bytes in files(), set_bytes_max in 20_u64..120) {
        for limits in [Limits::default(), Limits { set_bytes_max, segment_bytes_max: 110, ..Limits::default() }] {
            let index = scan(bytes.as_slice(), &limits).unwrap();
            let groups = index.interchanges.iter().flat_map(|interchange| {
                interchange.groups.iter().map(|group| (interchange.wrapped, group))
            });
            let expected: Vec<(String, Option<Vec<u8>>)> = groups
                .flat_map(|(wrapped, group)| group.sets.iter().map(move |set| (wrapped, set)))
                .map(|(wrapped, set)| {
                    let mut held = piece(&bytes, set);
                    if wrapped {
                        unwrap_lines(&mut held);
                    }
                    (format!("{set:?}"), Some(held).filter(|_| !set.is_too_large()))
                })
                .collect();
            for size in [1, 7, 1 << 16] {
                let mut reader = Reader::new(Pieces(&bytes, size), &limits);
                let mut read = Vec::new();
                while let Some(event) = reader.next_event().unwrap() {
                    if let Event::Set { set, bytes } = event {
                        read.push((format!("{set:?}"), bytes.map(<[u8]>::to_vec)));
                    }
                }
                prop_assert_eq!(&read, &expected);
                prop_assert_eq!(reader.position(), bytes.len() as u64);
            }
        }
    }
}
