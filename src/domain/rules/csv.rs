//! E5xx: CSV files: rows, columns and what stands in them.

use crate::domain::diagnostic::Answer::None;
use crate::domain::rules::rules;

rules! {
    COLUMN_MISSING = "E501", Error, None, "required column missing",
        cause: "the file has no header with the name that the layout gives",
        help: "correct the header, or the column's name in the partner's profile";
    MASTER_VALUE_MISSING = "E520", Warning, None, "required value missing in a master",
        cause: "the ERP exported a row without a value that every row needs",
        help: "the row is left out; fill in the value in the ERP and export again";
    MASTER_VALUE_INVALID = "E521", Warning, None, "value in a master that cannot be read",
        cause: "the column holds something else than the contract says",
        help: "the row is left out; correct the value in the ERP and export again";
    MASTER_KEY_REPEATED = "E522", Warning, None, "row of a master that stands there twice",
        cause: "two rows have the same key, and only one of them can count",
        help: "the first row counts and this one is left out; remove one of them in the ERP";
    MASTER_NOT_UTF8 = "E523", Warning, None, "text in a master that is not UTF-8",
        cause: "the ERP exported the file in another encoding, or a name was cut inside a character",
        help: "export the file as UTF-8; a row whose numbers are concerned is left out";
    MASTER_ROW_LONG = "E524", Warning, None, "row of a master with more values than headers",
        cause: "a value holds a comma and stands in no quotation marks",
        help: "the row is left out; export the file with quotation marks around such values";
    MASTER_TYPE_UNKNOWN = "E525", Warning, None, "customer item type that the settings do not have",
        cause: "items.csv names a type, and itembridge.toml has no [[customer_item_types]] of that name",
        help: "the item can be ordered, and the ledger does not keep it; add the type or correct its name";
}
