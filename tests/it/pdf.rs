//! The text of a PDF that Chromium printed, page by page: enough to see what stands on which sheet.

use flate2::read::ZlibDecoder;
use std::collections::BTreeMap;
use std::io::Read as _;

/// The text that each page shows, in the order in which it is drawn, runs apart by line ends.
pub(crate) fn pages(pdf: &[u8]) -> Vec<String> {
    let objects = objects(pdf);
    let fonts: BTreeMap<u32, BTreeMap<u16, char>> = objects
        .iter()
        .filter_map(|(number, (head, _))| {
            let map = reference(head, "/ToUnicode ")?;
            Some((*number, letters(&stream(&objects, map))))
        })
        .collect();
    objects
        .values()
        .filter(|(head, _)| head.starts_with("<</Type /Page\n"))
        .map(|(head, _)| text(&stream(&objects, reference(head, "/Contents ").unwrap()), &fonts))
        .collect()
}

/// What stands before an object's stream, and the stream.
type Objects = BTreeMap<u32, (String, Vec<u8>)>;

fn objects(pdf: &[u8]) -> Objects {
    let mut objects = Objects::new();
    let mut rest = pdf;
    while let Some(at) = find(rest, b" 0 obj\n") {
        let number = rest[..at].rsplit(|byte| !byte.is_ascii_digit()).next().unwrap();
        let number = std::str::from_utf8(number).unwrap().parse().unwrap();
        rest = &rest[at + 7..];
        let end = find(rest, b"\nendobj").unwrap();
        let stream = find(&rest[..end], b"stream\n");
        let head = String::from_utf8_lossy(&rest[..stream.unwrap_or(end)]).into_owned();
        let mut packed = &rest[..0];
        if let Some(stream) = stream {
            let length =
                head.split("/Length ").nth(1).unwrap().split(|c: char| !c.is_ascii_digit()).next().unwrap();
            packed = &rest[stream + 7..][..length.parse::<usize>().unwrap()];
            rest = &rest[stream + 7 + packed.len()..];
        }
        objects.insert(number, (head, packed.to_vec()));
    }
    objects
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, wanted)
}

fn reference(head: &str, key: &str) -> Option<u32> {
    head.split(key).nth(1)?.split(' ').next()?.parse().ok()
}

fn stream(objects: &Objects, number: u32) -> String {
    let (head, packed) = &objects[&number];
    let mut bytes = packed.clone();
    if head.contains("/FlateDecode") {
        bytes.clear();
        ZlibDecoder::new(packed.as_slice()).read_to_end(&mut bytes).unwrap();
    }
    bytes.into_iter().map(char::from).collect()
}

/// A font's glyphs as letters, from its `ToUnicode` map.
fn letters(map: &str) -> BTreeMap<u16, char> {
    let mut letters = BTreeMap::new();
    for line in map.lines().filter(|line| line.starts_with('<')) {
        let numbers: Vec<u32> = line
            .split(['<', '>', ' '])
            .filter(|part| !part.is_empty())
            .map_while(|part| u32::from_str_radix(part, 16).ok())
            .collect();
        let (first, last, letter) = match numbers.as_slice() {
            [glyph, letter] => (*glyph, *glyph, *letter),
            [first, last, letter] => (*first, *last, *letter),
            _ => continue,
        };
        for glyph in first..=last.min(first + 0xFFFF) {
            if let (Ok(glyph), Some(c)) = (u16::try_from(glyph), char::from_u32(letter + glyph - first)) {
                letters.insert(glyph, c);
            }
        }
    }
    letters
}

fn text(content: &str, fonts: &BTreeMap<u32, BTreeMap<u16, char>>) -> String {
    let mut text = String::new();
    let mut font = None;
    for line in content.lines() {
        if line == "ET" {
            text.push('\n');
        } else if line.ends_with(" Tf") {
            let number = line.trim_start_matches("/F").split(' ').next().unwrap();
            font = number.parse().ok().and_then(|number: u32| fonts.get(&number));
        } else if let Some((_, run)) = line.strip_suffix("> Tj").and_then(|line| line.rsplit_once('<')) {
            for at in (0..run.len()).step_by(4) {
                let glyph = run.get(at..at + 4).and_then(|glyph| u16::from_str_radix(glyph, 16).ok());
                text.push(glyph.and_then(|glyph| font?.get(&glyph).copied()).unwrap_or('?'));
            }
        }
    }
    text
}
