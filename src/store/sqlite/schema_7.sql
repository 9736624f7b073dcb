-- Version 7: every kind of ledger entry, each with its signature; which entries and documents the night has checked.
--
-- customer and item are those before the event. An entry after which something is another customer's, or another item, has
-- to_customer and to_item: by them the entries that a customer's things depend on are found. target is the key of the entry that
-- began what it is about. remainder: 0 or 1. extra: a JSON object. checked: 0 until a night has looked for what it is about.

CREATE TABLE customer_item_event_7 (
    event_id           INTEGER PRIMARY KEY,
    event_key          TEXT NOT NULL UNIQUE,
    run_id             TEXT NOT NULL,
    recorded           INTEGER NOT NULL,
    kind               TEXT NOT NULL CHECK (kind IN ('sold', 'credited', 'returned', 'replaced_out', 'replaced_in',
        'transferred', 'serviced', 'warranty_set', 'fields_set', 'scrapped', 'voided')),
    customer           TEXT NOT NULL,
    item               TEXT NOT NULL,
    customer_item_type TEXT NOT NULL,
    serial             TEXT NOT NULL,
    quantity           TEXT NOT NULL,
    unit               TEXT NOT NULL,
    date               TEXT NOT NULL,
    purchase_date      TEXT NOT NULL,
    ship_date          TEXT NOT NULL,
    source             TEXT NOT NULL,
    document           TEXT NOT NULL,
    document_line      INTEGER NOT NULL,
    po_number          TEXT NOT NULL,
    kit                TEXT NOT NULL,
    unit_price         TEXT NOT NULL,
    warranty_start     TEXT NOT NULL,
    warranty_end       TEXT NOT NULL,
    service_due        TEXT NOT NULL,
    target             TEXT NOT NULL,
    to_customer        TEXT NOT NULL,
    to_item            TEXT NOT NULL,
    to_serial          TEXT NOT NULL,
    remainder          INTEGER NOT NULL,
    signed_by          TEXT NOT NULL,
    reason             TEXT NOT NULL,
    extra              TEXT NOT NULL,
    checked            INTEGER NOT NULL
) STRICT;
INSERT INTO customer_item_event_7
SELECT
    event_id, event_key, run_id, recorded, kind, customer, item, customer_item_type, serial, quantity, unit, date,
    purchase_date, ship_date, source, document, document_line, po_number, kit, unit_price, warranty_start, warranty_end,
    service_due, '', '', '', '', 0, '', '', '{}', 0
FROM customer_item_event
ORDER BY event_id;
DROP TABLE customer_item_event;
ALTER TABLE customer_item_event_7 RENAME TO customer_item_event;
CREATE INDEX customer_item_event_owner ON customer_item_event (customer, item);
CREATE INDEX customer_item_event_next ON customer_item_event (to_customer, to_item) WHERE to_customer <> '';
CREATE INDEX customer_item_event_serial ON customer_item_event (serial) WHERE serial <> '';
CREATE INDEX customer_item_event_unchecked ON customer_item_event (event_id) WHERE checked = 0;

-- The content of each POS sale that was paid, so that it can be compared with what the ledger has of it.
CREATE TABLE pos_line (
    line_id  INTEGER PRIMARY KEY,
    sale_key TEXT NOT NULL UNIQUE,
    run_id   TEXT NOT NULL,
    content  TEXT NOT NULL,
    checked  INTEGER NOT NULL
) STRICT;
CREATE INDEX pos_line_unchecked ON pos_line (line_id) WHERE checked = 0;

-- Whether a night has compared a posted invoice with the ledger. What was posted before was not asked for.
ALTER TABLE invoice ADD COLUMN ledger_checked INTEGER NOT NULL DEFAULT 0;
UPDATE invoice SET ledger_checked = 1;
CREATE INDEX invoice_ledger_unchecked ON invoice (kind, invoice_number) WHERE ledger_checked = 0;
