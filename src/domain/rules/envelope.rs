//! E1xx: the envelope: interchange, functional group and transaction set, their counts and control numbers.
//!
//! What decides the severity. A finding is an **error**, which rejects what it stands in, where it is in doubt which bytes
//! belong to it (a trailer or a header is missing, a count of segments or a control number of a trailer differs, segments
//! stand between the envelopes) or what it is (no set id, no control number, a set that nobody agreed on). It is a
//! **warning**, which is answered as accepted with errors, where a field is wrong and the orders can be read all the same:
//! a value of ISA or GS outside its list, a count of sets or groups, a number used twice. It is a **note** where nothing of
//! the partner's is wrong. A strict partner's warnings are errors; a lenient partner's wrong
//! trailers and lower case ids are warnings.

use crate::domain::diagnostic::Answer::{Group, Interchange, None, Set};
use crate::domain::rules::rules;

rules! {
    NO_INTERCHANGE = "E101", Error, Interchange("022"), "no interchange header found",
        cause: "the file does not begin with an ISA segment, or it is no X12 file",
        help: "ask the partner for the whole interchange, from ISA to IEA";
    SEPARATORS_UNUSABLE = "E102", Error, Interchange("026"), "separators that cannot be told apart",
        cause: "two of the separators that the ISA sets are the same byte, or one is a letter, a digit or a blank",
        help: "element, component and repetition separator and segment terminator must be four different special characters";
    INTERCHANGE_TRAILER_MISSING = "E103", Error, Interchange("023"), "interchange without its IEA trailer",
        cause: "the file was cut off in transfer, or a terminator was lost",
        help: "ask the partner to send the interchange again";
    INTERCHANGE_CONTROL_MISMATCH = "E104", Error, Interchange("001"), "interchange control numbers that differ",
        cause: "IEA02 is not ISA13: two interchanges were mixed, or the sender does not copy the number",
        help: "ask the partner to send the interchange again with the same number in ISA13 and IEA02";
    INTERCHANGE_GROUP_COUNT = "E105", Warning, Interchange("021"), "wrong number of functional groups",
        cause: "IEA01 is not the number of groups: the sender does not count, or a group was lost",
        help: "compare with what the partner meant to send; a sender that never counts can be read leniently";
    INTERCHANGE_CONTROL_INVALID = "E106", Warning, Interchange("018"), "interchange control number that is no number",
        cause: "ISA13 is empty or has other characters than digits",
        help: "the partner must number interchanges with nine digits, or resends cannot be told from new data";
    SEGMENT_STRAY = "E107", Error, Interchange("024"), "segment between the envelopes",
        cause: "a header (GS or ST) or a terminator was lost, or something that is not X12 was mixed in",
        help: "ask the partner to send the interchange again: what these segments belong to cannot be known";
    DATA_OUTSIDE = "E108", Warning, Interchange("022"), "data outside any interchange",
        cause: "something stands before ISA or after IEA: a report header, a cut-off interchange, a padding",
        help: "look at the bytes; they are kept in the archive and not processed";
    INTERCHANGE_HEADER_WIDTH = "E109", Warning, Interchange("022"), "interchange header that is not 106 bytes",
        cause: "the elements of ISA are not padded to their fixed width, or the line was wrapped",
        help: "it was read by its separators; ask the partner to pad the header";
    WIDE_CHARACTERS = "E110", Error, Interchange("022"), "interchange written in UTF-16",
        cause: "the file was saved or exported as UTF-16 (\"Unicode\"), where each character takes two bytes or more",
        help: "X12 has one byte a character: have the file sent as it was made, or saved as ASCII, UTF-8 or Latin-1";
    GROUP_HEADER_MISSING = "E111", Error, Interchange("024"), "transaction set outside a functional group",
        cause: "the GS segment was left out or lost",
        help: "ask the partner for the whole functional group, from GS to GE";
    GROUP_TRAILER_MISSING = "E112", Error, Group("3"), "functional group without its GE trailer",
        cause: "the group was cut off, or a terminator was lost",
        help: "ask the partner to send the functional group again";
    GROUP_CONTROL_MISMATCH = "E113", Error, Group("4"), "group control numbers that differ",
        cause: "GE02 is not GS06: two groups were mixed, or the sender does not copy the number",
        help: "ask the partner to send the group again with the same number in GS06 and GE02";
    GROUP_SET_COUNT = "E114", Warning, Group("5"), "wrong number of transaction sets",
        cause: "GE01 is not the number of sets in the group: the sender does not count, or a set was lost",
        help: "compare with what the partner meant to send; a sender that never counts can be read leniently";
    GROUP_CONTROL_INVALID = "E115", Warning, Group("6"), "group control number that is no number",
        cause: "GS06 is empty or has other characters than digits",
        help: "the partner must number its groups with one to nine digits";
    GROUP_ID_INVALID = "E116", Warning, Group("1"), "functional group id missing or invalid",
        cause: "GS01 is not two letters or digits, such as PO for purchase orders",
        help: "the sets were read by their ST01; ask the partner to name the group";
    SET_ID_INVALID = "E117", Error, Set("6"), "transaction set id missing or invalid",
        cause: "ST01 is not three letters or digits",
        help: "the partner must name the transaction set in ST01, such as 850";
    SET_CONTROL_INVALID = "E118", Error, Set("7"), "transaction set control number missing or invalid",
        cause: "ST02 is empty, or longer than nine characters",
        help: "the partner must number the sets of a group, such as 0001";
    SET_NOT_SUPPORTED = "E119", Error, Set("1"), "transaction set not supported",
        cause: "the partner sends a document that nobody agreed on, or the set id is mistyped",
        help: "agree on the transaction set with the partner, or ask for the right one";
    SET_TRAILER_MISSING = "E120", Error, Set("2"), "transaction set without its SE trailer",
        cause: "the set was cut off, or a terminator was lost",
        help: "ask the partner to send the transaction set again";
    SET_CONTROL_MISMATCH = "E121", Error, Set("3"), "transaction set control numbers that differ",
        cause: "SE02 is not ST02: two sets were mixed, or the sender does not copy the number",
        help: "ask the partner to send the set again with the same number in ST02 and SE02";
    SET_SEGMENT_COUNT = "E122", Error, Set("4"), "wrong number of segments",
        cause: "SE01 is not the number of segments from ST to SE: the sender does not count, or a segment was lost",
        help: "ask the partner to send the set again; a sender that never counts can be read leniently";
    SET_CONTROL_REPEATED = "E123", Warning, Set("23"), "transaction set control number used before in the group",
        cause: "the sender does not count up ST02, or a set stands in the group twice",
        help: "the partner must give each set of a group its own number, or the 997 cannot say which is meant";
    SET_WITHOUT_TABLE = "E124", Note, None, "transaction set that is not looked into",
        cause: "no grammar table here knows the set; its envelope alone was checked",
        help: "nothing to do, unless the set should have been one that is known";
    VERSION_NEAREST = "E125", Note, None, "version without tables of its own",
        cause: "GS08 names a version between, before or after those that have tables here",
        help: "the document is judged by the nearest version; a finding about what the versions differ in may be none";
    SET_NOT_IN_GROUP = "E126", Warning, Set("18"), "transaction set in a functional group of another kind",
        cause: "GS01 is not the group to which ST01 belongs, such as PO for 850: the sender mixed documents, or copied a GS",
        help: "the set was read by its ST01; ask the partner for groups of one kind";
    GROUP_VERSION_INVALID = "E127", Warning, Group("2"), "functional group version missing or unreadable",
        cause: "GS08 does not begin with six digits such as 004010",
        help: "the sets were read as 004010; ask the partner to name the version";
    GROUP_CONTROL_REPEATED = "E128", Warning, Group("19"), "group control number used before in the interchange",
        cause: "the sender does not count up GS06, or a group stands in the interchange twice",
        help: "the partner must give each group of an interchange its own number, or the 997 cannot say which is meant";
    SEGMENT_TOO_LONG = "E130", Error, Set("5"), "segment longer than the limit",
        cause: "a segment terminator was lost, or the file is no X12 from here on",
        help: "look at the bytes; ask the partner to send the set again";
    SET_TOO_LARGE = "E131", Error, Set("5"), "transaction set larger than the limit",
        cause: "the set has more bytes or segments than this site takes in one set",
        help: "ask the partner to send the document in parts, or raise the limit";
    FILE_TOO_MANY_SETS = "E132", Error, Interchange("024"), "more envelopes in a file than the limit",
        cause: "the file has more interchanges, groups and sets, or more findings outside its sets, than this site takes in one file",
        help: "cut the file at its interchanges, or raise the limit";
    ENVELOPE_ID_LOWER_CASE = "E133", Error, Interchange("024"), "envelope segment id in lower case",
        cause: "the sender writes gs, ge or iea for GS, GE or IEA",
        help: "ask the partner for capitals; a partner that never writes them can be read leniently";
    SET_CONTROLS_FORGOTTEN = "E134", Note, None, "control numbers too many to compare",
        cause: "the group has over 65536 sets whose control numbers are not numbers of up to nine digits",
        help: "whether a later set repeats a number was looked for among the first ones only; number the sets with digits";
    VALUE_UNSAYABLE = "E140", Error, None, "value that X12 cannot carry to this partner",
        cause: "it contains one of the partner's separators or a character that the partner's set lacks, or does not fit its place",
        help: "choose other separators or another character_set in the partner's profile, or correct the value";
    TEXT_ALTERED = "E141", Note, None, "text of ours that was altered for this partner",
        cause: "a description or a name has a separator or a character that the partner's set lacks, or is too long",
        help: "nothing to do if the partner can do with what was written; else choose another character_set or other separators";
    SEGMENT_UNFIT = "E142", Error, None, "segment of ours that lacks an element, or has one too many",
        cause: "the order or the invoice does not have what the partner's document must have",
        help: "correct the value in the ERP or in the masters; the document is not sent";
    SECURITY_QUALIFIER_INVALID = "E143", Warning, Interchange("012"), "security qualifier that X12 does not have",
        cause: "ISA03 is neither 00 nor 01",
        help: "nothing depends on it here; ask the partner for 00 where there is no password";
    SECURITY_MISSING = "E144", Warning, Interchange("013"), "password announced and not given",
        cause: "ISA03 says that ISA04 holds a password, and ISA04 is blank",
        help: "nothing depends on it here; ask the partner for 00 in ISA03";
    SENDER_QUALIFIER_INVALID = "E145", Warning, Interchange("005"), "sender qualifier that X12 does not have",
        cause: "ISA05 is not on the list of the standard, such as 01, 12 or ZZ",
        help: "the sender was looked for as written; ask the partner for the qualifier that was agreed on";
    SENDER_ID_MISSING = "E146", Warning, Interchange("006"), "sender id missing",
        cause: "ISA06 is blank",
        help: "nobody can be answered by a blank id; ask the partner to fill it";
    RECEIVER_QUALIFIER_INVALID = "E147", Warning, Interchange("007"), "receiver qualifier that X12 does not have",
        cause: "ISA07 is not on the list of the standard, such as 01, 12 or ZZ",
        help: "ask the partner for the qualifier that was agreed on";
    RECEIVER_ID_MISSING = "E148", Warning, Interchange("008"), "receiver id missing",
        cause: "ISA08 is blank",
        help: "it was read because it lay here; ask the partner to address it";
    INTERCHANGE_DATE_INVALID = "E149", Warning, Interchange("014"), "interchange date that is no date",
        cause: "ISA09 is not YYMMDD, or there is no such day",
        help: "no order depends on it; ask the partner to write it as YYMMDD";
    INTERCHANGE_TIME_INVALID = "E150", Warning, Interchange("015"), "interchange time that is no time",
        cause: "ISA10 is not HHMM, or there is no such time of day",
        help: "no order depends on it; ask the partner to write it as HHMM";
    INTERCHANGE_STANDARD_INVALID = "E151", Warning, Interchange("016"), "ISA11 that fits no version",
        cause: "before 00402 ISA11 is U; from then on it is the repetition separator, a character that stands nowhere else",
        help: "nothing repeats in what was read; ask the partner to correct ISA11 or the version in ISA12";
    INTERCHANGE_VERSION_INVALID = "E152", Warning, Interchange("017"), "interchange version that is no version",
        cause: "ISA12 is not five digits, such as 00401",
        help: "the envelope was read as 00401; ask the partner to name the version";
    INTERCHANGE_VERSION_UNKNOWN = "E153", Warning, Interchange("003"), "interchange version that X12 does not have",
        cause: "ISA12 is not between 00200 and 00899: most often digits of GS08 were cut wrongly",
        help: "the envelope was read all the same; ask the partner for the first five digits of GS08";
    ACKNOWLEDGMENT_REQUEST_INVALID = "E154", Warning, Interchange("019"), "acknowledgment request that is neither 0 nor 1",
        cause: "ISA14 is blank or another character",
        help: "it counts as 0: no TA1 was asked for; ask the partner to say which";
    USAGE_INVALID = "E155", Warning, Interchange("020"), "usage that is none of P, T and I",
        cause: "ISA15 is blank or another character: whether these are orders or tests cannot be known",
        help: "no order is made of what may be a test; ask the partner, and have it sent again with P";
    FILE_OF_ANOTHER_KIND = "E160", Error, None, "file of another kind",
        cause: "a wrong file was put here or sent, or it was packed, encrypted or converted on its way",
        help: "unpack or convert it, or ask the partner for the X12 or CSV file itself";
    SEPARATOR_CHANGES = "E161", Error, Interchange("024"), "separator that is not the one the ISA sets",
        cause: "the separators were converted behind the ISA, or the ISA was taken from another file",
        help: "ask the partner to send the interchange again with one set of separators from ISA to IEA";
    COMPONENT_SEPARATOR_UNUSABLE = "E171", Error, Interchange("027"), "component separator that separates something else",
        cause: "ISA16 is the element separator or the segment terminator: the sender left the component separator out",
        help: "where it is the terminator nothing is lost but composites; ask the partner for a character of its own in ISA16";
    SEGMENT_TERMINATOR_UNUSABLE = "E172", Error, Interchange("004"), "segment terminator that is the element separator",
        cause: "the byte after ISA16 separates elements too: the terminator was left out",
        help: "ask the partner to send the interchange again with a terminator of its own";
    AUTHORIZATION_QUALIFIER_INVALID = "E173", Warning, Interchange("010"), "authorization qualifier that X12 does not have",
        cause: "ISA01 is none of 00 to 08",
        help: "nothing depends on it here; ask the partner for 00 where there is no authorization";
    AUTHORIZATION_MISSING = "E174", Warning, Interchange("011"), "authorization announced and not given",
        cause: "ISA01 says that ISA02 holds authorization information, and ISA02 is blank",
        help: "nothing depends on it here; ask the partner for 00 in ISA01";
}
