//! E4xx: documents that are well formed and still cannot be taken as they are.

use crate::domain::diagnostic::Answer::{Interchange, None, Set};
use crate::domain::rules::rules;

rules! {
    PARTNER_UNKNOWN = "E401", Error, Interchange("006"), "sender that no partner profile names",
        cause: "the sender's ISA05/06 or GS02 stand in no file of partners/",
        help: "add a profile for the sender, or correct the ids in the one that is meant";
    RECEIVER_FOREIGN = "E402", Note, Interchange("008"), "interchange addressed to somebody else",
        cause: "ISA07/08 are not the company's own ids",
        help: "ask the partner to correct the receiver id; x12.refuse_foreign_receiver refuses such files";
    DUPLICATE_INTERCHANGE_CHANGED = "E404", Error, Interchange("025"), "interchange control number used before with other content",
        cause: "the partner reused ISA13 for a different interchange",
        help: "ask the partner which of the two is meant; the new one is kept in quarantine";
    DUPLICATE_ORDER_CHANGED = "E406", Error, None, "purchase order number used before with other content",
        cause: "the partner changed an order by sending it again as an original",
        help: "compare the fields that differ; in the worklist apply replaces the first order by it, reject refuses it, done closes it";
    ORDER_CHANGE = "E407", Error, None, "change or cancellation of an order",
        cause: "BEG01 or the 860 asks to change or cancel what was ordered before",
        help: "in the worklist apply lets it go, reject refuses it, done says that the ERP has it; orders.changes.policy decides what goes by itself";
    CUSTOMER_UNKNOWN = "E408", Note, None, "customer that the master does not know",
        cause: "N1*BY, or the CSV's customer, carries a code that is not in customers.csv",
        help: "add the customer to the master, or correct the partner's code";
    LINE_UNMAPPED = "E410", Note, None, "order line whose item nobody knows",
        cause: "none of the line's numbers is in the cross-reference or the item master",
        help: "add a cross-reference for the customer's number; `explain` shows what was tried";
    LINE_AMBIGUOUS = "E411", Note, None, "order line with two items of equal standing",
        cause: "two cross-reference rows of the same scope, unit and rank name different items",
        help: "give one of the two rows the better rank, or end one of them";
    LINE_CONFLICT = "E412", Note, None, "order line whose numbers name different items",
        cause: "the customer's number leads to one item and the vendor's number or the GTIN to another",
        help: "find out which number is stale, and correct the cross-reference or tell the customer";
    LINE_INVALID = "E413", Note, None, "order line that cannot be ordered as it stands",
        cause: "the quantity, the unit or the price basis cannot be used, or the item is discontinued",
        help: "ask the customer, or add the unit to uom.csv or the successor to items.csv";
    NO_ACKNOWLEDGMENT = "E415", Error, None, "file among the acknowledgments that is no sound acknowledgment",
        cause: "an order or another document was dropped into inbox/acknowledgments, or a 997 was cut off on its way",
        help: "an order belongs into inbox/orders; `check` shows what is broken in a 997 or TA1";
    LINES_MISPLACED = "E416", Error, Set("5"), "order lines outside their place",
        cause: "PO1 segments stand where the transaction set has no place for them, so that lines would be lost",
        help: "ask the partner to send the lines one after the other, before CTT";
    UNBALANCED = "E417", Error, None, "lines in and lines out do not agree",
        cause: "a defect of this program: a line was lost or doubled on the way",
        help: "nothing of this unit was stored or published; report the input";
    INVOICE_BILLED_BEFORE = "E418", Error, None, "invoice line that was billed as ordered",
        cause: "the partner's invoices come from its orders, and the ERP posted one for the same line",
        help: "nothing to do if the ERP posted it by mistake; else set invoices.from to posted for this partner";
    INVOICE_PARTNER_UNKNOWN = "E419", Error, None, "invoice for a customer of no partner",
        cause: "no order of the invoice is known, and no partner profile names the customer",
        help: "correct the customer in the ERP, or add a partner profile for the customer";
    DOCUMENT_SAYS_LESS = "E420", Note, None, "document of ours that leaves something out",
        cause: "the order has something that X12 cannot carry, or that is not settled, such as a unit in words or a line without a price",
        help: "correct the partner's unit_aliases or separators where the partner needs what was left out";
    INVOICE_UNBALANCED = "E421", Error, None, "invoice that does not balance",
        cause: "its lines, charges, allowances and tax do not come to its total",
        help: "the invoice is not sent; the detail shows the arithmetic";
    INVOICE_ORDER_UNKNOWN = "E422", Note, None, "invoice line for an order that is not known here",
        cause: "the order did not come through this site, or the PO number or order id is mistyped",
        help: "nothing to do if the order came another way: the Customer Item# is the cross-reference's best";
    INVOICE_LINE_UNKNOWN = "E423", Error, None, "invoice line that fits no single line of its order",
        cause: "the line number or PO101 is not in the order, or only the item is given and several lines have it",
        help: "post the invoice with our line number as the orders file gave it";
    INVOICE_ITEM_UNKNOWN = "E424", Error, None, "invoiced item that is not in the item master",
        cause: "the item number is mistyped, or items.csv was exported before the item was made",
        help: "correct the item, or export items.csv again, and post the invoice again";
    INVOICE_UNIT_UNCONVERTED = "E425", Error, None, "invoiced quantity that cannot be said in the order's unit",
        cause: "the unit is neither the item's nor the order's, or the conversion would change the quantity or the amount",
        help: "post the line in the unit of the order, with the price for that unit";
    INVOICE_EXCEEDS_ORDER = "E426", Warning, None, "invoice that bills more than was ordered",
        cause: "the invoices of the line, less its credits, come to more than the order: it was shipped or billed twice, or counted in another unit",
        help: "credit what is over, or let it go with `release --invoice`; invoices.preflight.over_billed says whether it waits";
    INVOICE_OTHER_ITEM = "E427", Warning, None, "invoice line for another item than ordered",
        cause: "another item was shipped than the one that the order line resolved to",
        help: "expect a question from the customer; invoices.preflight.other_item says whether such an invoice waits";
    INVOICE_WITHOUT_CUSTOMER_ITEM = "E428", Warning, None, "invoice line without a Customer Item#",
        cause: "neither the order nor the cross-reference has the customer's number for the item",
        help: "add the customer's number to item_xref.csv";
    INVOICE_UNSENDABLE = "E429", Error, None, "invoice that an 810 cannot say",
        cause: "a part that the 810 needs is missing, does not fit its place, or belongs to another purchase order",
        help: "correct the invoice in the ERP and post it again: one purchase order an invoice, positive quantities, whole cents";
    INVOICE_NUMBER_REUSED = "E430", Error, None, "invoice number used before with other content",
        cause: "the ERP posted a second, different invoice under the number of an earlier one",
        help: "correct the number in the ERP and post it again; the first invoice stands";
    NUMBER_PAIR_INCOMPLETE = "E431", Note, None, "item number without its qualifier, or qualifier without its number",
        cause: "one half of a pair of PO106 to PO125 is blank",
        help: "the pair is passed over; ask the partner to send both halves or none";
    SDQ_DIFFERS = "E432", Warning, None, "ship-to quantities that do not agree with their line",
        cause: "SDQ does not come to PO102, counts in another unit, or lacks a ship-to or a quantity",
        help: "the line waits for a person; ask the partner how many go where";
    LINE_COUNT_DIFFERS = "E433", Warning, None, "number of lines that CTT states wrong",
        cause: "the partner miscounts, or lines were lost on the way",
        help: "compare the order with the partner's before it ships";
    HASH_TOTAL_DIFFERS = "E434", Note, None, "hash total that CTT states wrong",
        cause: "the partner sums the quantities in another way, or a quantity was changed on the way",
        help: "compare the quantities with the partner's if it has been right before";
    AMOUNT_DIFFERS = "E435", Warning, None, "order total that is not the sum of its lines",
        cause: "a price or a quantity differs from what the partner's system added up",
        help: "compare prices with the partner before the invoice is disputed";
    ORDER_TOO_LONG = "E436", Error, None, "order with more lines than the limit",
        cause: "the transaction set holds more lines and ship-tos than one order may have",
        help: "ask the partner for smaller orders";
    LINE_GTIN_WRONG = "E437", Note, None, "barcode number that is none",
        cause: "a digit was mistyped, or a spreadsheet took the zeros before it",
        help: "the line is looked up by its other numbers; ask the partner for the right one";
    LINE_QUANTITY_NOT_POSITIVE = "E438", Warning, None, "ordered quantity that is zero or less",
        cause: "the partner takes a line back by a negative quantity, or its system wrote a zero",
        help: "the line is not ordered and waits for a person; ask the partner what was meant";
    INVOICE_TOTAL_DIFFERS = "E439", Warning, None, "invoice total that is not the sum of its lines",
        cause: "a line was lost on the way, or a price or a quantity differs from what was added up",
        help: "compare the lines with the total before the invoice is paid";
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
    SALE_CHANGED = "E449", Error, None, "sale that was paid before with other content",
        cause: "a second row has the receipt and line of an earlier sale, or return, and another customer, item, quantity or serials",
        help: "compare the two; the first stands, and what the second adds needs a line of its own";
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
    ARCHIVE_UNREADABLE = "E461", Error, None, "held order whose input is not in the archive as it came",
        cause: "the archived file was moved, removed or changed since",
        help: "put the file back as it came; the next release takes the order up again";
    HELD_READS_OTHERWISE = "E462", Error, None, "held order that reads otherwise than when it came",
        cause: "the partner's profile was changed so that the same bytes are another order, or are refused",
        help: "compare the profile with the one of that day; the order stays held until its bytes read as it again";
    INVOICE_PRICE_ABOVE = "E480", Warning, None, "invoice line dearer than its order",
        cause: "the price was raised after the order, or the ERP prices in another unit or price basis",
        help: "agree the price with the customer, or correct it in the ERP; invoices.preflight.price_above and price_tolerance say what waits";
    INVOICE_PRICE_BELOW = "E481", Warning, None, "invoice line cheaper than its order",
        cause: "the price was lowered after the order, or the ERP prices in another unit or price basis",
        help: "nothing to do if the price is meant; invoices.preflight.price_below and price_tolerance say what waits";
    INVOICE_LINE_NOT_ORDERED = "E482", Warning, None, "invoice line that was not handed to the ERP",
        cause: "the line of the order is held or rejected, and the customer was told so",
        help: "release the line first; invoices.preflight.not_ordered says whether such an invoice waits";
    CREDIT_EXCEEDS_INVOICES = "E483", Warning, None, "credit of more than was billed",
        cause: "the credits of the line come to more than its invoices: it is credited twice, or was billed elsewhere",
        help: "compare the credit with the invoices of the line; invoices.preflight.over_credited says whether it waits";
    INVOICE_LATE = "E484", Warning, None, "invoice later than the partner takes it",
        cause: "the goods were shipped more than invoices.preflight.late_days ago",
        help: "expect a deduction; post invoices on the day of shipment";
    INVOICE_LACKS_REQUIRED = "E485", Warning, None, "invoice without something that the partner requires",
        cause: "what invoices.preflight.required names is in neither the order, the posted invoice nor the profile",
        help: "add it to the posted invoice or to the profile (references, remit_to, terms), or take it off the list";
    INVOICE_TOO_LONG = "E486", Error, None, "posted invoice with more lines than the limit",
        cause: "the file gives one invoice number to more rows than an invoice may have",
        help: "post it as several invoices";
    JSON_UNREADABLE = "E487", Error, None, "line of a JSON file that is no invoice",
        cause: "the line is cut off, is no JSON object, or has a list where a single value belongs",
        help: "write one JSON object a line: a whole invoice with its lines, or one row of it";
}
