//! A whole file at hand: its sets, their segments with their places, and everything that is wrong with it.

use crate::domain::diagnostic::{Diagnostic, Location};
use crate::domain::partner::Strictness;
use crate::domain::rules::envelope::SET_WITHOUT_TABLE;
use crate::x12::envelope::{FileIndex, Group, Interchange, Limits, Set, scan};
use crate::x12::grammar::{TransactionSetDef, transaction_set};
use crate::x12::lexer::{Segment, Tokens, segments, unwrap_lines};
use crate::x12::validate::validate;
use std::borrow::Cow;

/// The bytes of a file and the index of what stands in them. For files that are larger than memory see
/// [`scan`], which takes any reader and keeps no bytes.
#[derive(Debug, Clone)]
pub struct X12File<'a> {
    bytes: &'a [u8],
    index: FileIndex,
    limits: Limits,
    strictness: Strictness,
}

/// One transaction set, ST to SE, with the envelopes around it.
#[derive(Debug, Clone)]
pub struct TransactionSet<'f> {
    pub interchange: &'f Interchange,
    pub group: &'f Group,
    /// ST01, ST02, the counts, and the set's place in the file.
    pub set: &'f Set,
    bytes: Cow<'f, [u8]>,
}

/// Reads the envelopes of a file, whatever it holds. It cannot fail: what is wrong is among [`X12File::findings`].
#[must_use]
pub fn read(bytes: &[u8]) -> X12File<'_> {
    read_within(bytes, &Limits::default(), Strictness::Standard)
}

/// [`read`] with limits of one's own, and as strict or lenient as a partner's profile is.
#[must_use]
pub fn read_within<'a>(bytes: &'a [u8], limits: &Limits, strictness: Strictness) -> X12File<'a> {
    // Only a reader can fail, and bytes in memory are one that never does.
    let mut index = scan(bytes, limits).unwrap_or_default();
    for interchange in &mut index.interchanges {
        crate::x12::envelope::relax(interchange, strictness);
    }
    X12File { bytes, index, limits: *limits, strictness }
}

impl X12File<'_> {
    /// Interchanges, groups and sets with their byte ranges, control numbers and counts.
    #[must_use]
    pub fn index(&self) -> &FileIndex {
        &self.index
    }

    /// Every transaction set in the order of the file.
    pub fn sets(&self) -> impl Iterator<Item = TransactionSet<'_>> {
        let groups = self
            .index
            .interchanges
            .iter()
            .flat_map(|interchange| interchange.groups.iter().map(move |group| (interchange, group)));
        groups.flat_map(move |(interchange, group)| {
            group.sets.iter().map(move |set| self.set(interchange, group, set))
        })
    }

    fn set<'f>(&'f self, interchange: &'f Interchange, group: &'f Group, set: &'f Set) -> TransactionSet<'f> {
        let range = |from: u64, length: u64| {
            let (from, length) = (usize::try_from(from).ok()?, usize::try_from(length).ok()?);
            self.bytes.get(from..from.checked_add(length)?)
        };
        let bytes = range(set.offset, set.length).unwrap_or_default();
        let bytes = if interchange.wrapped {
            let mut unwrapped = bytes.to_vec();
            unwrap_lines(&mut unwrapped);
            Cow::Owned(unwrapped)
        } else {
            Cow::Borrowed(bytes)
        };
        TransactionSet { interchange, group, set, bytes }
    }

    /// Everything that is wrong with the file, envelopes, segments and elements, outside in and in the order of the file.
    /// A set that no grammar table knows has a note that says so. An empty list: all of it was understood.
    #[must_use]
    pub fn findings(&self) -> Vec<Diagnostic> {
        let mut found = self.index.diagnostics.clone();
        for interchange in &self.index.interchanges {
            found.extend_from_slice(&interchange.diagnostics);
            for group in &interchange.groups {
                found.extend_from_slice(&group.diagnostics);
                for set in &group.sets {
                    found.extend(self.set(interchange, group, set).findings(&self.limits, self.strictness));
                }
            }
        }
        found
    }
}

impl TransactionSet<'_> {
    /// The bytes from ST to SE, without the line breaks of a file that was wrapped at a fixed width.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The segments, ST = 1, each with its byte of the file.
    pub fn segments(&self) -> impl Iterator<Item = Segment<'_>> {
        segments(&self.bytes, self.interchange.separators, self.set.offset)
    }

    /// The grammar table of ST01; None for a set that is not known.
    #[must_use]
    pub fn def(&self) -> Option<&'static TransactionSetDef> {
        transaction_set(&self.set.id)
    }

    /// What is wrong with the set: its envelope first, then segments and elements in document order, each with the
    /// control numbers of all its envelopes.
    #[must_use]
    pub fn findings(&self, limits: &Limits, strictness: Strictness) -> Vec<Diagnostic> {
        let (set, group) = (self.set, self.group);
        let mut found = set.diagnostics.clone();
        if let Some(def) = self.def() {
            let separators = self.interchange.separators;
            let tokens = Tokens::new(&self.bytes, separators, set.offset);
            let (_, inside) = validate(def, &tokens, &group.version, limits, strictness);
            found.extend(inside);
        } else {
            let at = Location {
                segment: 1,
                segment_id: "ST".into(),
                element: 1,
                offset: set.offset,
                ..Location::default()
            };
            found.push(Diagnostic::new(&SET_WITHOUT_TABLE, at).found(&set.id));
        }
        for diagnostic in &mut found {
            diagnostic.at.interchange.clone_from(&self.interchange.header.control);
            diagnostic.at.group.clone_from(&group.control);
            diagnostic.at.set.clone_from(&set.control);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::diagnostic::Severity;

    const PLAIN: &str = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260309*0130*U*00401*000000001*0*P*>~GS*PO*A*B*20260309*0130*7*X*004010~ST*850*0001~BEG*00*SA*1**20260309~PO1*1*x*EA~SE*4*0001~ST*204*0002~SE*2*0002~GE*3*7~IEA*1*000000001~";

    fn told(file: &X12File<'_>) -> Vec<String> {
        let line = |found: &Diagnostic| {
            let at = &found.at;
            format!(
                "{} {:?} {}/{}/{} @{}",
                found.rule.code, found.severity, at.interchange, at.group, at.set, at.offset
            )
        };
        file.findings().iter().map(line).collect()
    }

    #[test]
    fn findings_come_outside_in_with_the_numbers_of_their_envelopes() {
        assert_eq!(
            told(&read(PLAIN.as_bytes())),
            [
                "E114 Warning 000000001/7/ @221",
                "E306 Warning 000000001/7/0001 @181",
                "E124 Note 000000001/7/0002 @196",
            ]
        );
    }

    #[test]
    fn strictness_decides_about_trailers_too() {
        let strict = read_within(PLAIN.as_bytes(), &Limits::default(), Strictness::Strict);
        let errors = strict.findings().iter().filter(|found| found.severity == Severity::Error).count();
        assert_eq!(errors, 2, "{:?}", told(&strict));
    }

    #[test]
    fn a_wrapped_file_has_the_same_segments() {
        let wrapped: Vec<u8> =
            PLAIN.as_bytes().chunks(60).flat_map(|line| [line, b"\r\n"].concat()).collect();
        let text = |bytes: &[u8]| -> Vec<String> {
            let file = read(bytes);
            let sets: Vec<TransactionSet<'_>> = file.sets().collect();
            let segments = sets.iter().flat_map(TransactionSet::segments);
            segments.map(|segment| String::from_utf8_lossy(segment.bytes()).into_owned()).collect()
        };
        assert_eq!(text(&wrapped), text(PLAIN.as_bytes()));
        assert_eq!(text(PLAIN.as_bytes()).len(), 6);
    }

    #[test]
    fn what_is_no_x12_has_no_set_and_a_finding() {
        for bytes in [b"".as_slice(), b"a,b\n1,2\n", b"ISA*", b"\xff\xfe"] {
            let file = read(bytes);
            assert_eq!(file.sets().count(), 0);
            assert!(!file.findings().is_empty(), "{bytes:?}");
        }
    }
}
