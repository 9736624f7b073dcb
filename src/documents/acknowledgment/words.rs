//! The codes of 997, 999 and TA1 in words, as a person reads why a document of ours was refused.

/// A code and what it means.
type Words = &'static [(&'static str, &'static str)];

/// AK304 (element 720) and IK304.
pub(super) const SEGMENT: Words = &[
    ("1", "segment id that is not known"),
    ("2", "segment where none like it belongs"),
    ("3", "mandatory segment missing"),
    ("4", "loop too often"),
    ("5", "segment too often"),
    ("6", "segment that the set does not have"),
    ("7", "segment out of sequence"),
    ("8", "segment with wrong elements"),
    ("I4", "segment that the guide does not use"),
    ("I6", "segment missing that the guide requires here"),
    ("I7", "loop less often than the guide requires"),
    ("I8", "segment less often than the guide requires"),
    ("I9", "segment that the guide does not use here"),
];

/// AK403 (element 723) and IK403.
pub(super) const ELEMENT: Words = &[
    ("1", "mandatory element missing"),
    ("2", "element missing that another requires"),
    ("3", "more elements than the segment has"),
    ("4", "value too short"),
    ("5", "value too long"),
    ("6", "character that the element cannot have"),
    ("7", "code that is not on the list"),
    ("8", "no date"),
    ("9", "no time"),
    ("10", "element that another excludes"),
    ("12", "more repetitions than allowed"),
    ("13", "more components than the element has"),
    ("I6", "code that the guide does not use"),
    ("I9", "element missing that the guide requires here"),
    ("I10", "element that the guide does not use"),
    ("I11", "fewer repetitions than the guide requires"),
    ("I12", "value of another form than the guide requires"),
    ("I13", "element that the guide does not use here"),
];

/// AK502 (element 718) and IK502.
pub(super) const SET: Words = &[
    ("1", "transaction set not supported"),
    ("2", "SE missing"),
    ("3", "SE02 is not ST02"),
    ("4", "SE01 is not the number of segments"),
    ("5", "segments in error"),
    ("6", "ST01 is no set id"),
    ("7", "ST02 is no control number"),
    ("8", "authentication key unknown"),
    ("9", "encryption key unknown"),
    ("10", "security service not available"),
    ("11", "security recipient unknown"),
    ("12", "encrypted length wrong"),
    ("13", "authentication failed"),
    ("15", "security originator unknown"),
    ("16", "decrypted text is wrong"),
    ("17", "security not supported"),
    ("18", "set in a group of another kind"),
    ("19", "implementation convention unknown"),
    ("23", "ST02 used before in the group"),
    ("24", "security segments do not pair"),
    ("25", "security segments do not pair"),
    ("26", "security segments do not pair"),
    ("27", "security segments do not pair"),
    ("I5", "segments that are not as the guide requires"),
    ("I6", "implementation convention not supported"),
];

/// AK905 (element 716).
pub(super) const GROUP: Words = &[
    ("1", "functional group not supported"),
    ("2", "version not supported"),
    ("3", "GE missing"),
    ("4", "GE02 is not GS06"),
    ("5", "GE01 is not the number of sets"),
    ("6", "GS06 is no control number"),
    ("10", "authentication key unknown"),
    ("11", "encryption key unknown"),
    ("12", "security service not available"),
    ("13", "security recipient unknown"),
    ("14", "security originator unknown"),
    ("15", "decrypted text is wrong"),
    ("16", "security not supported"),
    ("17", "encrypted length wrong"),
    ("18", "authentication failed"),
    ("19", "GS06 used before in the interchange"),
    ("23", "security segments do not pair"),
    ("24", "security segments do not pair"),
    ("25", "security segments do not pair"),
    ("26", "security segments do not pair"),
];

/// TA105.
const INTERCHANGE: Words = &[
    ("000", "nothing wrong"),
    ("001", "IEA02 is not ISA13"),
    ("002", "standard of ISA11 not supported"),
    ("003", "version of the envelope not supported"),
    ("004", "segment terminator unusable"),
    ("005", "our qualifier is invalid (ISA05)"),
    ("006", "our id is invalid (ISA06)"),
    ("007", "the partner's qualifier is invalid (ISA07)"),
    ("008", "the partner's id is invalid (ISA08)"),
    ("009", "receiver unknown (ISA08)"),
    ("010", "authorization qualifier invalid (ISA01)"),
    ("011", "authorization invalid (ISA02)"),
    ("012", "security qualifier invalid (ISA03)"),
    ("013", "password invalid (ISA04)"),
    ("014", "date invalid (ISA09)"),
    ("015", "time invalid (ISA10)"),
    ("016", "ISA11 invalid"),
    ("017", "ISA12 invalid"),
    ("018", "ISA13 invalid"),
    ("019", "ISA14 invalid"),
    ("020", "ISA15 invalid"),
    ("021", "IEA01 is not the number of groups"),
    ("022", "control structure invalid"),
    ("023", "file ends too early"),
    ("024", "content invalid, such as a GS"),
    ("025", "ISA13 used before"),
    ("026", "element separator unusable"),
    ("027", "component separator unusable"),
    ("028", "delivery date of a deferred delivery invalid"),
    ("029", "delivery time of a deferred delivery invalid"),
    ("030", "delivery time code of a deferred delivery invalid"),
    ("031", "grade of service invalid"),
];

/// A code in words; one that no list has as it came.
pub(super) fn said(words: Words, code: &str) -> String {
    match words.iter().find(|(known, _)| *known == code) {
        Some((_, words)) => (*words).to_owned(),
        None if code.is_empty() => "no code given".to_owned(),
        None => format!("code {code}"),
    }
}

/// TA105 in words.
pub fn interchange_note(code: &str) -> String {
    said(INTERCHANGE, code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_says_each_code_once() {
        for words in [SEGMENT, ELEMENT, SET, GROUP, INTERCHANGE] {
            for (at, (code, means)) in words.iter().enumerate() {
                assert!(!means.is_empty());
                assert!(words.iter().skip(at + 1).all(|(other, _)| other != code), "{code}");
            }
        }
    }

    #[test]
    fn a_code_that_no_list_has_is_said_as_it_came() {
        assert_eq!(said(ELEMENT, "7"), "code that is not on the list");
        assert_eq!(said(ELEMENT, "99"), "code 99");
        assert_eq!(said(SET, ""), "no code given");
        assert_eq!(interchange_note("025"), "ISA13 used before");
    }
}
