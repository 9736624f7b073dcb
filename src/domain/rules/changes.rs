//! E6xx: why a change of an order waits for a person, or for what it needs.

use crate::domain::diagnostic::Answer::None;
use crate::domain::rules::rules;

rules! {
    ORDER_UNKNOWN = "E600", Error, None, "change of an order that is not known here",
        cause: "the order did not come through this site, came under another release, or comes later than its change",
        help: "nothing to do if the order is on its way: each run looks again; else apply the change in the ERP and decide done";
    PURPOSE_UNKNOWN = "E601", Error, None, "purpose of a change that nobody applies",
        cause: "BEG01 or BCH01 is none of 01 (cancel), 04 (change) and 05 (replace)",
        help: "ask the partner what is meant; apply it in the ERP and decide done, or reject it";
    OUT_OF_SEQUENCE = "E602", Error, None, "change out of its order",
        cause: "its number (BCH05) is not the next one, its date is before that of the last change, a change before it waits, or one after it is in effect",
        help: "ask for the change that is missing, or decide the one that waits first; apply lets this one go all the same";
    NUMBER_REUSED = "E603", Error, None, "change number used before with other content",
        cause: "the partner sent a second, different change under the number (BCH05) of an earlier one",
        help: "compare the two; apply lets this one go on top of the other, reject refuses it";
    LINE_UNKNOWN = "E604", Error, None, "change of a line that fits no single line of the order",
        cause: "the line id (POC01, PO101) is not in the order or stands in several lines, or its numbers are another line's",
        help: "ask the partner which line is meant; apply it in the ERP and decide done, or reject it";
    KIND_UNKNOWN = "E605", Error, None, "kind of change that nobody applies",
        cause: "POC02 asks for something else than another quantity, price or date, a new line, or a line less",
        help: "apply it in the ERP and decide done, or reject it";
    CONTRADICTS_ITSELF = "E606", Error, None, "change that contradicts itself or the order",
        cause: "a value differs that the code does not speak of, a quantity goes the other way, or what the code asks for is missing",
        help: "ask the partner what is meant; apply it in the ERP and decide done, or reject it";
    LINE_UNRESOLVED = "E607", Error, None, "changed line that cannot be ordered as it stands",
        cause: "the line leads to no item or to another one than before, or its quantity, unit or price basis cannot be used",
        help: "add the cross-reference or the unit: the next run applies what it then can";
    BELOW_BILLED = "E608", Error, None, "change to less than was billed",
        cause: "invoices of the line, less its credits, come to more than the change leaves",
        help: "credit the line in the ERP first, or reject the change; it is never applied before";
    LINE_BILLED = "E609", Error, None, "change of a line that was billed",
        cause: "a part of the line, or all of it, has been billed",
        help: "apply lets it go if the rest can still be changed; else reject it";
    ORDER_WAITS = "E610", Error, None, "change of a line that itself waits",
        cause: "the line, or for a new line a line of its order, is held",
        help: "clear what holds the line: the next run looks at the change again; a cancellation does not wait for it";
    CANCELS = "E611", Error, None, "cancellation of what the ERP has",
        cause: "the order or the line was handed to the ERP, where it may be picked or shipped already",
        help: "look whether it can still be stopped; orders.changes.cancel = \"apply\" lets such changes go by themselves";
    PRICE_CHANGED = "E612", Error, None, "change of a price",
        cause: "the change asks for another price than was ordered at",
        help: "agree with it or not; orders.changes.price = \"apply\" lets such changes go by themselves";
    TOO_LATE = "E613", Error, None, "change shortly before the requested date",
        cause: "fewer days are left than orders.changes.frozen_days asks for",
        help: "look whether it can still be done: apply or reject";
    HEADING_CHANGED = "E614", Error, None, "change of the heading of an order",
        cause: "date, currency, ship-to, terms, charges or FOB of the change are not those of the order",
        help: "apply it in the ERP and decide done, or reject it";
    LINE_GONE = "E615", Error, None, "change of a line that was rejected or cancelled",
        cause: "the line is not ordered any more",
        help: "ask the partner for a new line, or apply it in the ERP and decide done";
}
