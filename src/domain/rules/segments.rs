//! E2nn: segments out of place; nn is AK304.
//!
//! What decides the severity: a set that lacks a mandatory segment at its top level has lost its meaning and is rejected.
//! Everything else leaves a document that can be read, so it is a warning: the set is accepted with errors, and what the
//! segment would have said is judged where it is used. Inside a loop a missing segment spoils that loop alone.
//! A lower case id is E201 and its segment is passed over, unless the partner is read leniently: then E221 tells of it.

use crate::domain::diagnostic::Answer::{None, Segment};
use crate::domain::rules::rules;

rules! {
    FINDINGS_LEFT_OUT = "E200", Note, None, "further findings not listed",
        cause: "one transaction set has more findings than are kept of one",
        help: "correct those that are listed and check again; diagnostics_per_set_max is the number kept";
    SEGMENT_UNRECOGNIZED = "E201", Warning, Segment("1"), "segment id that X12 does not have",
        cause: "a mistyped id, or a separator inside the data that split one segment in two",
        help: "the segment is passed over; ask the partner to correct the id or to change the separators";
    SEGMENT_UNEXPECTED = "E202", Warning, Segment("2"), "segment that does not belong here",
        cause: "the segment that opens its loop is missing, or the partner puts it where the transaction set has none",
        help: "the segment is passed over; agree with the partner on what it was meant to say";
    SEGMENT_MISSING = "E203", Error, Segment("3"), "mandatory segment missing",
        cause: "the partner left out a segment without which the document has no meaning",
        help: "the partner must send the segment; the document is rejected unless the segment is one of a loop";
    LOOP_OVER_MAXIMUM = "E204", Warning, Segment("4"), "loop occurs more often than allowed",
        cause: "the partner repeats a loop beyond the maximum of the transaction set",
        help: "all of them are read; ask the partner to keep to the maximum";
    SEGMENT_OVER_MAXIMUM = "E205", Warning, Segment("5"), "segment occurs more often than allowed",
        cause: "the partner repeats a segment beyond the maximum of the transaction set",
        help: "all of them are read; ask the partner to keep to the maximum";
    SEGMENT_NOT_IN_SET = "E206", Warning, Segment("6"), "segment that this transaction set does not have",
        cause: "the segment belongs to other transaction sets or to another version",
        help: "the segment is passed over; agree with the partner on what it was meant to say";
    SEGMENT_OUT_OF_SEQUENCE = "E207", Warning, Segment("7"), "segment out of sequence",
        cause: "the partner writes the segments of a level in another order than the transaction set",
        help: "the segment is read as if it stood in its place; ask the partner to keep the order";
    SEGMENT_ID_LOWER_CASE = "E221", Warning, Segment("1"), "segment id in lower case",
        cause: "the sender writes po1 for PO1, which is an id that X12 does not have",
        help: "ask the partner for capitals; where the partner is read leniently it counts as if it were in capitals";
    SEGMENTS_JOINED = "E228", Warning, Segment("8"), "segments that run together",
        cause: "the segment terminator between the two was lost",
        help: "ask the partner to send the document again with a terminator after every segment";
    SEGMENT_SPLIT = "E229", Warning, Segment("1"), "segment terminator inside the data",
        cause: "the data holds the character that ends segments, so that one segment became two",
        help: "ask the partner to take the character out of the data or to use another segment terminator";
    ELEMENT_SPLIT = "E230", Warning, Segment("8"), "element separator too many",
        cause: "the data holds the character that separates elements, or the separator was written twice",
        help: "ask the partner to take the character out of the data or to use another element separator";
    LOOP_OPENER_MISSING = "E231", Warning, Segment("2"), "segment that opens a loop missing",
        cause: "the partner left out the first segment of the loop, and what follows it has no place",
        help: "ask the partner to send the loop with its first segment; what stands without it is not trusted";
}
