//! E3nn: data elements that break their definition; nn is AK403.

use crate::domain::diagnostic::Answer::Element;
use crate::domain::rules::rules;

rules! {
    ELEMENT_INVALID_CHARACTER = "E306", Warning, Element("6"), "invalid character in data element",
        cause: "text stands where a number or a plain code belongs",
        help: "quantities and prices are decimal numbers with a point and no thousands separator";
}
