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
    LEDGER_CUSTOMER_UNKNOWN = "E441", Warning, None, "customer that the ledger cannot find",
        cause: "the invoice or the sale names a customer that customers.csv does not have",
        help: "add the customer to customers.csv and post the document again: what it adds is added once";
    LEDGER_ITEM_UNKNOWN = "E442", Warning, None, "item that the ledger cannot find",
        cause: "the invoice, the sale or a kit names an item that items.csv does not have",
        help: "add the item to items.csv and post the document again: what it adds is added once";
    LEDGER_TYPE_UNKNOWN = "E443", Warning, None, "item with an unknown customer item type",
        cause: "the item's customer_item_type in items.csv is no [[customer_item_types]] of itembridge.toml",
        help: "add the type to itembridge.toml or correct the item, then post the document again";
    SERIAL_COUNT_DIFFERS = "E444", Warning, None, "serials that do not match the units one to one",
        cause: "the line gives more or fewer serials than it has units, or one serial twice",
        help: "compare the serials with what was shipped; every unit and every serial is in the ledger";
    SERIAL_QUANTITY_DIFFERS = "E445", Warning, None, "serial quantities that do not sum to the line",
        cause: "the quantities written after the serials (SN*QTY) are unreadable or come to another sum",
        help: "compare the serials with what was shipped; what no serial covers is one entry without a serial";
    KIT_SERIALS_UNASSIGNED = "E446", Warning, None, "serials of a kit that no single component explains",
        cause: "none or several of the kit's components carry one serial each",
        help: "bill the components that carry serials on lines of their own, or add the serials to the ledger by hand";
    KIT_UNBOUNDED = "E447", Warning, None, "kit that contains itself or is too large",
        cause: "item_kits.csv leads from the kit back to itself, or to more levels or components than a kit may have",
        help: "correct item_kits.csv; what stands outside the circle is in the ledger";
    LEDGER_QUANTITY_INVALID = "E448", Warning, None, "quantity that makes no customer item",
        cause: "the quantity is zero, negative on an invoice, or passes what the ledger can hold exactly",
        help: "correct the quantity in the document";
}
