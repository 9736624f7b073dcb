//! E1xx: the envelope: interchange, functional group and transaction set, their counts and control numbers.

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
    SEGMENT_TOO_LONG = "E130", Error, Set("5"), "segment longer than the limit",
        cause: "a segment terminator was lost, or the file is no X12 from here on",
        help: "look at the bytes; ask the partner to send the set again";
    SET_TOO_LARGE = "E131", Error, Set("5"), "transaction set larger than the limit",
        cause: "the set has more bytes or segments than this site takes in one set",
        help: "ask the partner to send the document in parts, or raise the limit";
    FILE_TOO_MANY_SETS = "E132", Error, Interchange("024"), "more envelopes in a file than the limit",
        cause: "the file has more interchanges, groups and sets than this site takes in one file",
        help: "cut the file at its interchanges, or raise the limit";
    VALUE_UNSAYABLE = "E140", Error, None, "value that X12 cannot carry to this partner",
        cause: "it contains one of the partner's separators or a character that the partner's set lacks, or does not fit its place",
        help: "choose other separators or another character_set in the partner's profile, or correct the value";
    TEXT_ALTERED = "E141", Note, None, "text of ours that was altered for this partner",
        cause: "a description or a name has a separator or a character that the partner's set lacks, or is too long",
        help: "nothing to do if the partner can do with what was written; else choose another character_set or other separators";
    SEGMENT_UNFIT = "E142", Error, None, "segment of ours that lacks an element, or has one too many",
        cause: "the order or the invoice does not have what the partner's document must have",
        help: "correct the value in the ERP or in the masters; the document is not sent";
}
