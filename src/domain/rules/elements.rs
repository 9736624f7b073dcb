//! E3nn: data elements that break their definition; nn is AK403.
//!
//! What decides the severity: where the segment that heads the set (BEG, BIG, BAK, BCH, AK1) lacks the purpose or the
//! number of the document, nobody knows what is asked or of which document, and the set is rejected. Everything else is a
//! warning, a missing date of the heading too: the set is accepted with errors, and a line whose quantity or unit cannot
//! be read is an invalid line of an order that is not lost.

use crate::domain::diagnostic::Answer::Element;
use crate::domain::diagnostic::Rule;
use crate::domain::rules::rules;

rules! {
    ELEMENT_MISSING = "E301", Warning, Element("1"), "mandatory data element missing",
        cause: "the partner leaves out an element that the segment cannot be read without",
        help: "ask the partner to fill it; without its purpose or its number a document is rejected";
    ELEMENT_CONDITION_UNMET = "E302", Warning, Element("2"), "data element missing that another one requires",
        cause: "elements that go together, such as a qualifier and its value, are not all there",
        help: "ask the partner to send both or neither";
    ELEMENT_TOO_MANY = "E303", Warning, Element("3"), "more data elements than the segment has",
        cause: "a separator inside the data split one element in two, or the segment is of a later version",
        help: "what stands after the last element is passed over; ask the partner to keep separators out of the data";
    ELEMENT_TOO_SHORT = "E304", Warning, Element("4"), "data element too short",
        cause: "a code or number without its leading zeros, or a value of another version",
        help: "the value is read as it is; ask the partner to write it in full";
    ELEMENT_TOO_LONG = "E305", Warning, Element("5"), "data element too long",
        cause: "a word stands where a code belongs, or the partner's data is longer than X12 allows",
        help: "the value is read as it is; ask the partner to keep to the length";
    ELEMENT_INVALID_CHARACTER = "E306", Warning, Element("6"), "invalid character in data element",
        cause: "text stands where a number or a plain code belongs",
        help: "quantities and prices are decimal numbers with a point and no thousands separator";
    ELEMENT_INVALID_CODE = "E307", Warning, Element("7"), "code that the data element does not have",
        cause: "a mistyped code, or one of the partner's own",
        help: "ask the partner for a code of the standard, or agree on what theirs means";
    ELEMENT_INVALID_DATE = "E308", Warning, Element("8"), "invalid date",
        cause: "the date is not CCYYMMDD, or there is no such day",
        help: "the date is passed over; ask the partner to write it as CCYYMMDD";
    ELEMENT_INVALID_TIME = "E309", Warning, Element("9"), "invalid time",
        cause: "the time is not HHMM, HHMMSS or HHMMSSDD, or there is no such time of day",
        help: "the time is passed over; ask the partner to write it as HHMM";
    ELEMENT_EXCLUDED = "E310", Warning, Element("10"), "data elements that exclude one another",
        cause: "two elements of which only one may be there are both there",
        help: "the first is read; ask the partner to send only one of them";
    ELEMENT_TOO_MANY_REPETITIONS = "E312", Warning, Element("12"), "data element repeated more often than allowed",
        cause: "the repetition separator stands in the data, or the partner repeats what may stand once",
        help: "the value is read as it is; ask the partner to keep the separator out of the data";
    ELEMENT_TOO_MANY_COMPONENTS = "E313", Warning, Element("13"), "more components than the data element has",
        cause: "the component separator stands in the data, or the composite is of a later version",
        help: "the value is read as it is; ask the partner to choose a separator that its data does not have";
    ELEMENT_TRAILING_EMPTY = "E350", Note, Element("3"), "separators after the last value",
        cause: "the sender writes empty elements at the end of a segment, which X12 leaves out",
        help: "nothing is lost by it; a partner that is read strictly has to leave them out";
    ELEMENT_TRAILING_BLANK = "E351", Note, Element("6"), "blanks at the end of a value",
        cause: "the sender pads its values as its own records are padded; X12 leaves such blanks out",
        help: "nothing is lost by it; a partner that is read strictly has to leave them out";
}

/// What X12 leaves out and nobody misreads: a note, except where a partner is read strictly.
pub static SUPERFLUOUS: &[&Rule] = &[&ELEMENT_TRAILING_EMPTY, &ELEMENT_TRAILING_BLANK];
