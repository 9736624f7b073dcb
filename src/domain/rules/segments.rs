//! E2nn: segments out of place; nn is AK304.

use crate::domain::diagnostic::Answer::Segment;
use crate::domain::rules::rules;

rules! {
    SEGMENT_UNEXPECTED = "E202", Warning, Segment("2"), "segment that does not belong here",
        cause: "the partner uses a segment that the transaction set does not have at this place",
        help: "the segment is passed over; agree with the partner on what it was meant to say";
    SEGMENT_MISSING = "E203", Error, Segment("3"), "mandatory segment missing",
        cause: "the partner left out a segment without which the document has no meaning",
        help: "the partner must send the segment; the document is rejected";
}
