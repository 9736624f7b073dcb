-- Version 2: imports beside the masters and the decisions; who changed the cross-reference, when and why; numbers that are
-- looked up without reading everything.
--
-- Of the current rows with one key those of the strongest source count: a decision before an import, an import before the
-- masters. The words sort in that order, and so does the table.

CREATE TABLE item_xref_2 (
    customer      TEXT NOT NULL,
    customer_item TEXT NOT NULL,
    ship_to       TEXT NOT NULL,
    qualifier     TEXT NOT NULL,
    unit          TEXT NOT NULL,
    item          TEXT NOT NULL,
    valid_from    TEXT NOT NULL,
    source        TEXT NOT NULL CHECK (source IN ('decision', 'import', 'masters')),
    ordinal       INTEGER NOT NULL,
    recorded_from INTEGER NOT NULL,
    recorded_to   INTEGER,
    valid_to      TEXT NOT NULL,
    unit_factor   TEXT NOT NULL,
    rank          INTEGER NOT NULL,
    active        INTEGER NOT NULL,
    description   TEXT NOT NULL,
    xref_id       INTEGER NOT NULL,
    decided_by    TEXT NOT NULL DEFAULT '',
    reason        TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (
        customer, customer_item, ship_to, qualifier, unit, item, valid_from, source, ordinal, recorded_from
    )
) STRICT, WITHOUT ROWID;
DROP VIEW current_item_xref;
INSERT INTO item_xref_2 (
    customer, customer_item, ship_to, qualifier, unit, item, valid_from, source, ordinal, recorded_from, recorded_to,
    valid_to, unit_factor, rank, active, description, xref_id, decided_by, reason
)
SELECT
    customer, customer_item, ship_to, qualifier, unit, item, valid_from, source, ordinal, recorded_from, recorded_to,
    valid_to, unit_factor, rank, active, description, xref_id, decided_by, reason
FROM item_xref
ORDER BY customer, customer_item, ship_to, qualifier, unit, item, valid_from, source, ordinal, recorded_from;
DROP TABLE item_xref;
ALTER TABLE item_xref_2 RENAME TO item_xref;

-- One row for each import and each decision that changed something. A row of item_xref whose recorded_from or recorded_to is
-- that instant was begun or ended by it; no other change and no sync of the masters has the same instant.
CREATE TABLE xref_change (
    recorded   INTEGER PRIMARY KEY,
    source     TEXT NOT NULL CHECK (source IN ('decision', 'import')),
    decided_by TEXT NOT NULL,
    reason     TEXT NOT NULL,
    origin     TEXT NOT NULL,
    added      INTEGER NOT NULL,
    changed    INTEGER NOT NULL,
    ended      INTEGER NOT NULL
) STRICT;

-- Where a number leads, also one that no current row has: what was once there stays. The form is the number in small
-- letters without hyphens, blanks, points, slashes and leading zeros.
CREATE TABLE xref_number (
    form          TEXT NOT NULL,
    customer      TEXT NOT NULL,
    customer_item TEXT NOT NULL,
    PRIMARY KEY (form, customer, customer_item)
) STRICT, WITHOUT ROWID;
CREATE TABLE xref_item (
    item          TEXT NOT NULL,
    customer      TEXT NOT NULL,
    customer_item TEXT NOT NULL,
    PRIMARY KEY (item, customer, customer_item)
) STRICT, WITHOUT ROWID;
-- Instants whose rows of the cross-reference are not in these two tables yet: a sync of very many leaves them to the first
-- lookup, because the night need not wait for it.
CREATE TABLE xref_unlearnt (
    recorded INTEGER PRIMARY KEY
) STRICT;
CREATE TABLE item_number (
    form TEXT NOT NULL,
    item TEXT NOT NULL,
    PRIMARY KEY (form, item)
) STRICT, WITHOUT ROWID;
INSERT OR IGNORE INTO xref_number
SELECT
    ltrim(replace(replace(replace(replace(lower(customer_item), '-', ''), ' ', ''), '.', ''), '/', ''), '0') AS form,
    customer, customer_item
FROM item_xref
ORDER BY form, customer, customer_item;
INSERT OR IGNORE INTO xref_item SELECT item, customer, customer_item FROM item_xref ORDER BY item, customer, customer_item;
INSERT OR IGNORE INTO item_number
SELECT
    ltrim(replace(replace(replace(replace(lower(item), '-', ''), ' ', ''), '.', ''), '/', ''), '0') AS form, item
FROM item
ORDER BY form, item;

CREATE INDEX purchase_order_received ON purchase_order (received);

CREATE VIEW current_item_xref AS
SELECT
    xref_id, customer, ship_to, customer_item, qualifier, unit, item, unit_factor, rank, valid_from, valid_to,
    active, description, source, recorded_from, decided_by, reason
FROM item_xref AS seen
WHERE recorded_to IS NULL AND NOT EXISTS (
    SELECT 1 FROM item_xref AS stronger
    WHERE stronger.customer = seen.customer AND stronger.customer_item = seen.customer_item
        AND stronger.ship_to = seen.ship_to AND stronger.qualifier = seen.qualifier AND stronger.unit = seen.unit
        AND stronger.item = seen.item AND stronger.valid_from = seen.valid_from
        AND stronger.source < seen.source AND stronger.recorded_to IS NULL
);
