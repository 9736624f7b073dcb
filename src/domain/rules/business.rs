//! E4xx: documents that are well formed and still cannot be taken as they are.

use crate::domain::diagnostic::Answer::{Interchange, None};
use crate::domain::rules::rules;

rules! {
    PARTNER_UNKNOWN = "E401", Error, Interchange("006"), "sender that no partner profile names",
        cause: "the sender's ISA05/06 or GS02 stand in no file of partners/",
        help: "add a profile for the sender, or correct the ids in the one that is meant";
    RECEIVER_FOREIGN = "E402", Note, Interchange("008"), "interchange addressed to somebody else",
        cause: "ISA07/08 are not the company's own ids",
        help: "ask the partner to correct the receiver id; x12.refuse_foreign_receiver refuses such files";
    DUPLICATE_FILE = "E403", Note, None, "file whose bytes were received before",
        cause: "the partner or the transfer sent the same file again",
        help: "nothing to do: it is answered again and not processed twice";
    DUPLICATE_INTERCHANGE_CHANGED = "E404", Error, Interchange("025"), "interchange control number used before with other content",
        cause: "the partner reused ISA13 for a different interchange",
        help: "ask the partner which of the two is meant; the new one is kept in quarantine";
    DUPLICATE_ORDER = "E405", Note, None, "purchase order received before, unchanged",
        cause: "the partner sent the same purchase order again",
        help: "nothing to do: it is acknowledged and not ordered twice";
    DUPLICATE_ORDER_CHANGED = "E406", Error, None, "purchase order number used before with other content",
        cause: "the partner changed an order by sending it again as an original",
        help: "compare the fields that differ, then change the first order by hand or ask for an 860";
    ORDER_CHANGE = "E407", Error, None, "change or cancellation of an order",
        cause: "BEG01 or the 860 asks to change or cancel what was ordered before",
        help: "a person applies it in the ERP";
    MASTER_ITEM_UNKNOWN = "E451", Warning, None, "master row that names an unknown item",
        cause: "the row names an item that items.csv does not have",
        help: "correct the item, or export it with the next masters; until then the row is left out";
    XREF_DUPLICATE = "E452", Warning, None, "cross-reference given twice",
        cause: "two rows of item_xref.csv say the same",
        help: "remove one of them; the one with the lower id counts";
    SUCCESSION_BROKEN = "E453", Warning, None, "discontinued item whose successors lead nowhere",
        cause: "the successors of items.csv run in a circle, or name an item that is not there",
        help: "correct the successor; until then lines for the item are invalid";
    ITEM_GTIN_WRONG = "E454", Warning, None, "item with a GTIN that is none",
        cause: "the GTIN in items.csv has a wrong check digit or length, often because a spreadsheet took its zeros",
        help: "correct the GTIN; until then the item is not found by it";
    CONVERSIONS_DISAGREE = "E455", Warning, None, "unit conversions that contradict one another",
        cause: "two rows of uom.csv give different factors between the same two units, or a unit one of itself that is not 1",
        help: "correct uom.csv; until then none of the contradicting rows is used";
}
