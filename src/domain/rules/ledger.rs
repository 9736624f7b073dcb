//! E566, E567, E58x and E59x: what the customer-items ledger cannot keep as it was said, and what waits in it for a person.

use crate::domain::diagnostic::Answer::None;
use crate::domain::rules::rules;

rules! {
    LEDGER_VOID_OF_VOID = "E566", Error, None, "entry that takes another one back",
        cause: "what was taken back stays so: an entry counts or it does not, and nobody has to count voids",
        help: "say what is so once more, under a document number of its own";
    LEDGER_ALTERED = "E567", Warning, None, "ledger entry that is not as it was recorded",
        cause: "something else than this program changed or removed it, or an older copy of the store came back",
        help: "`ledger check` names it; restore the store, post what is missing again with `ledger check --repair`, or take the entry back with `ledger void` and say what is so";
    LEDGER_UNMATCHED = "E580", Warning, None, "credit or return of something that the customer does not own",
        cause: "the serial is mistyped, was sold to another customer, or was sold before the ledger began",
        help: "add what was sold before with `ledger import`, or say what came back with `ledger return` and take this entry back with `ledger void KEY`: then it closes itself";
    LEDGER_NOT_FOUND = "E581", Error, None, "customer item that is not in the ledger",
        cause: "the serial, the key or the customer is mistyped, or it was sold before the ledger began",
        help: "`ledger list` shows what there is; `ledger add` adds what was sold before";
    LEDGER_ENDED = "E582", Error, None, "customer item that has ended",
        cause: "it was credited, returned, replaced, transferred or scrapped before",
        help: "`ledger history` shows what happened to it; an entry that is wrong is taken back by `ledger void`";
    LEDGER_SEVERAL = "E583", Error, None, "several customer items that are meant",
        cause: "more than one that is owned has this serial, or this customer and item",
        help: "name one with --customer, --item or --key, or how many of units without a serial with --quantity";
    LEDGER_TOO_EARLY = "E584", Error, None, "entry for a day that does not allow it",
        cause: "the customer item was not owned yet on that day, or later entries are about what would have ended",
        help: "give another --date, or take the later entries back first with `ledger void`";
    LEDGER_DOCUMENT_REUSED = "E585", Error, None, "document number that stands for something else",
        cause: "an entry with this document number was made before with other content",
        help: "compare the two with `ledger history`; a new entry needs a number of its own";
    SERIAL_REQUIRED = "E586", Warning, None, "unit without the serial that its type requires",
        cause: "the document gives fewer serials than units, and serial_required is set for the customer item type",
        help: "find the serial; void the unit's entry and add it again with its serial";
    SERIAL_TAKEN = "E587", Warning, None, "serial that another customer item has",
        cause: "two things that are owned now have one serial: it is mistyped, or what came back was never credited",
        help: "`ledger list --serial` shows both; return, transfer or void the one that is wrong";
    FIELD_INVALID = "E588", Error, None, "extra field that cannot be kept",
        cause: "the customer item type has no such field, or the value is not of its type",
        help: "fields and their types stand in itembridge.toml under [[customer_item_types]]";
    LEDGER_UNSIGNED = "E589", Error, None, "entry without a reason",
        cause: "a warranty, a void, a scrapping and a repair need a reason, because nobody else can say it later",
        help: "give --reason TEXT";
    LEDGER_DIFFERS = "E590", Warning, None, "posted line that the ledger has otherwise",
        cause: "the ledger lacks units of the line, or has more of them, and no finding says why",
        help: "compare the line with `ledger list`; `ledger check --repair` posts what is missing again";
    LEDGER_CUSTOMER_REFUSED = "E591", Error, None, "customer for whom it cannot be kept",
        cause: "customers.csv does not have the customer, or says ledger no, or it is the owner already",
        help: "correct the customer, or its row in customers.csv";
    LEDGER_ITEM_REFUSED = "E592", Error, None, "item that the ledger does not keep",
        cause: "items.csv does not have the item, or neither it nor a component has a customer item type",
        help: "give the item a customer_item_type in items.csv";
    LEDGER_BUILT_UPON = "E593", Error, None, "entry that later ones build on",
        cause: "other entries are about what this one began or moved",
        help: "take those back first, the last one first";
    LEDGER_DANGLING = "E594", Warning, None, "entry about something that was not owned on its day",
        cause: "a document that came later, with an earlier date, ended or moved it",
        help: "`ledger history` shows the order of events; void the entry and say what is so";
    LEDGER_ROW_KNOWN = "E595", Error, None, "row that the ledger has from its own document",
        cause: "the invoice was posted here, so that its units are in the ledger already",
        help: "take the row out of the file";
    LEDGER_QUANTITY_EXCEEDED = "E596", Error, None, "quantity that is not there",
        cause: "more is asked for than the customer owns, or nothing",
        help: "`ledger list` shows what there is";
    LEDGER_AHEAD = "E597", Error, None, "entry for a day that has not come",
        cause: "the date is after today, or after the last run's business date where that is later: it is mistyped, or the entry is early",
        help: "give the day on which it happened, or say it when it has happened";
    LEDGER_OWNED_TWICE = "E598", Error, None, "entry without which one thing has two owners",
        cause: "what it ended was sold or moved on since, so that another owns it too",
        help: "the key that is named stands in the way: return or void that one first";
}
