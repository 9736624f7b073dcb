//! E5xx: CSV files: rows, columns and what stands in them.
//!
//! An error means that the file, or the row that it names, is not taken; under a warning the row stays a line.

use crate::domain::diagnostic::Answer::None;
use crate::domain::rules::rules;

rules! {
    COLUMN_MISSING = "E501", Error, None, "required column missing",
        cause: "the file has no header with the name that the layout gives",
        help: "correct the header, or the column's name in the partner's profile";
    COLUMN_NAMED_MISSING = "E502", Warning, None, "column that the layout names not found",
        cause: "the partner left the column out or gave it another name",
        help: "correct the header, or take the column out of the partner's profile";
    COLUMN_TWICE = "E503", Error, None, "header over two columns",
        cause: "two columns have the same name, and nobody can know which of them is meant",
        help: "ask the partner to name each column once";
    HEADER_MISSING = "E504", Error, None, "file without a header",
        cause: "the file is empty",
        help: "ask the partner for the whole file";
    ENCODING_UNSUPPORTED = "E505", Error, None, "file in an encoding that is not read",
        cause: "the file begins with the byte order mark of UTF-16 big-endian",
        help: "ask the partner to save the file as UTF-8";
    LIMIT_PASSED = "E506", Error, None, "file beyond a limit",
        cause: "the file holds more orders, or an order holds more lines, than the limit allows",
        help: "ask the partner for smaller files, or raise the limit in the configuration";
    PO_NUMBER_MISSING = "E507", Error, None, "row without a purchase order number",
        cause: "the cell is empty, or the row is a total or a remark",
        help: "the row is kept in quarantine; if it is a line, ask the partner to send it with its number";
    ITEM_NUMBER_MISSING = "E508", Warning, None, "row without any item number",
        cause: "the cells of the customer's number, the vendor's number and the UPC are all empty",
        help: "the line waits for a person; ask the partner which item is meant";
    NUMBER_UNREADABLE = "E509", Warning, None, "value that is no number",
        cause: "text, a currency sign or a thousands mark in the wrong place stands where a number belongs",
        help: "correct the cell, or the layout's decimal mark";
    DATE_UNREADABLE = "E510", Warning, None, "value that is no date in the layout's format",
        cause: "the date is written in another order, or the day does not exist",
        help: "correct the cell, or the layout's date_format";
    ROW_RAGGED = "E511", Warning, None, "row with more or fewer fields than the header",
        cause: "a delimiter inside a value stands without quotes, or fields at the end were left out",
        help: "ask the partner to put values with a delimiter into quotes; a line with too many fields waits for a person";
    TEXT_FOREIGN = "E512", Warning, None, "bytes that are not in the file's encoding",
        cause: "the file was saved in another encoding than the layout says",
        help: "correct the layout's encoding; the value was read as windows-1252";
    NUL_BYTE = "E513", Warning, None, "NUL byte in a value",
        cause: "the file was damaged in transfer, or it is UTF-16",
        help: "the byte was left out; a line with such a number waits for a person";
    QUOTE_OPEN = "E514", Warning, None, "quote without its other end",
        cause: "a value begins with a quote, as an inch sign may, and no closing quote ends it",
        help: "the quote was read as a letter and the line waits for a person; ask the partner to double quotes inside values";
    ROW_TOO_LONG = "E515", Error, None, "row beyond the limit of bytes",
        cause: "the file is no CSV file, or its line ends were lost",
        help: "ask the partner for the file again";
    ORDER_VALUES_DIFFER = "E516", Warning, None, "rows of one order that disagree",
        cause: "a value that belongs to the whole order differs from row to row",
        help: "the first row's value counts; ask the partner which is meant";
    VALUE_TOO_LONG = "E517", Warning, None, "item number of more than 80 characters",
        cause: "two values ran together, or a text stands in the wrong column",
        help: "the line waits for a person";
    NO_LAYOUT = "E518", Error, None, "file that is neither X12 nor a known partner's CSV",
        cause: "it does not begin with ISA, and its folder is no partner's",
        help: "drop CSV orders into inbox/orders/PARTNER; the [orders.csv] table of that partner's profile tells their layout";
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
    VALUE_MISSING = "E541", Error, None, "required value missing",
        cause: "the cell is empty",
        help: "fill the cell and drop the file again";
    VALUE_UNREADABLE = "E542", Error, None, "value that cannot be read",
        cause: "the cell does not hold what its column is for",
        help: "numbers are plain decimals with a point, dates are written 2026-11-20";
    INVOICE_VALUES_DIFFER = "E543", Error, None, "rows of one invoice that disagree",
        cause: "customer or date differ between rows with one invoice number",
        help: "give each invoice its own number; nothing of this one is billed";
    AMOUNT_UNSOUND = "E544", Error, None, "sum with a part of a cent",
        cause: "tax, freight or allowance do not come to whole cents over the invoice's rows",
        help: "round the amounts in the ERP; nothing of this invoice is billed";
    MORE_FINDINGS = "E599", Warning, None, "more findings of the same file",
        cause: "the limit of findings was reached",
        help: "correct the findings above and check the file again";
}
