-- Version 1 of the store in SQLite.
--
-- Text is never NULL: empty where there is none, dates too (YYYY-MM-DD). Instants are microseconds since 1970-01-01 UTC.
-- Totals of money are whole millionths. Prices, quantities and factors of single rows are decimals as text, because they
-- must come back to the last digit, and a price may have more than six decimals.

CREATE TABLE run (
    run_id    TEXT PRIMARY KEY,
    date      TEXT NOT NULL,
    number    INTEGER NOT NULL,
    started   INTEGER NOT NULL,
    ended     INTEGER,
    exit_code INTEGER,
    summary   TEXT NOT NULL,
    UNIQUE (date, number)
) STRICT;
CREATE INDEX run_open ON run (run_id) WHERE ended IS NULL;
CREATE INDEX run_started ON run (started);

CREATE TABLE unit (
    run_id TEXT NOT NULL REFERENCES run (run_id),
    unit   INTEGER NOT NULL,
    stage  TEXT NOT NULL,
    counts TEXT NOT NULL,
    PRIMARY KEY (run_id, unit)
) STRICT;

-- The masters with their history: a row is current from recorded_from until recorded_to (not included; NULL: it still is).
-- ordinal: 0, or 1, 2... where the file has several rows with one key. The tables are kept in the order of their key,
-- which is the order in which a sync compares them with the file.

CREATE TABLE master_file (
    name   TEXT PRIMARY KEY,
    digest TEXT NOT NULL,
    synced INTEGER NOT NULL
) STRICT;

CREATE TABLE item (
    item               TEXT NOT NULL,
    source             TEXT NOT NULL CHECK (source IN ('masters', 'decision')),
    ordinal            INTEGER NOT NULL,
    recorded_from      INTEGER NOT NULL,
    recorded_to        INTEGER,
    description        TEXT NOT NULL,
    unit               TEXT NOT NULL,
    gtin               TEXT NOT NULL,
    status             TEXT NOT NULL,
    successor          TEXT NOT NULL,
    price              TEXT NOT NULL,
    customer_item_type TEXT NOT NULL,
    serial_tracking    TEXT NOT NULL,
    PRIMARY KEY (item, source, ordinal, recorded_from)
) STRICT, WITHOUT ROWID;

CREATE TABLE customer (
    customer       TEXT NOT NULL,
    source         TEXT NOT NULL CHECK (source IN ('masters', 'decision')),
    ordinal        INTEGER NOT NULL,
    recorded_from  INTEGER NOT NULL,
    recorded_to    INTEGER,
    name           TEXT NOT NULL,
    customer_group TEXT NOT NULL,
    ledger         INTEGER NOT NULL,
    PRIMARY KEY (customer, source, ordinal, recorded_from)
) STRICT, WITHOUT ROWID;

-- customer is written as in item_xref.csv: a customer, group:NAME or *.
CREATE TABLE item_xref (
    customer      TEXT NOT NULL,
    customer_item TEXT NOT NULL,
    ship_to       TEXT NOT NULL,
    qualifier     TEXT NOT NULL,
    unit          TEXT NOT NULL,
    item          TEXT NOT NULL,
    valid_from    TEXT NOT NULL,
    source        TEXT NOT NULL CHECK (source IN ('masters', 'decision')),
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

CREATE TABLE item_kit (
    kit           TEXT NOT NULL,
    component     TEXT NOT NULL,
    source        TEXT NOT NULL CHECK (source IN ('masters', 'decision')),
    ordinal       INTEGER NOT NULL,
    recorded_from INTEGER NOT NULL,
    recorded_to   INTEGER,
    quantity      TEXT NOT NULL,
    PRIMARY KEY (kit, component, source, ordinal, recorded_from)
) STRICT, WITHOUT ROWID;

CREATE TABLE uom (
    item          TEXT NOT NULL,
    unit          TEXT NOT NULL,
    to_unit       TEXT NOT NULL,
    source        TEXT NOT NULL CHECK (source IN ('masters', 'decision')),
    ordinal       INTEGER NOT NULL,
    recorded_from INTEGER NOT NULL,
    recorded_to   INTEGER,
    factor        TEXT NOT NULL,
    PRIMARY KEY (item, unit, to_unit, source, ordinal, recorded_from)
) STRICT, WITHOUT ROWID;

CREATE TABLE receipt (
    receipt_id   INTEGER PRIMARY KEY,
    run_id       TEXT NOT NULL REFERENCES run (run_id),
    unit         INTEGER NOT NULL,
    stage        TEXT NOT NULL,
    name         TEXT NOT NULL,
    digest       TEXT NOT NULL,
    bytes        INTEGER NOT NULL,
    partner      TEXT NOT NULL,
    state        TEXT NOT NULL,
    work_path    TEXT NOT NULL,
    archive_path TEXT NOT NULL,
    archived     INTEGER NOT NULL
) STRICT;
CREATE INDEX receipt_digest ON receipt (stage, digest);
CREATE INDEX receipt_unarchived ON receipt (run_id, unit) WHERE archived = 0;

CREATE TABLE interchange (
    interchange_id INTEGER PRIMARY KEY,
    sender         TEXT NOT NULL,
    receiver       TEXT NOT NULL,
    control        TEXT NOT NULL,
    digest         TEXT NOT NULL,
    received       TEXT NOT NULL,
    run_id         TEXT NOT NULL REFERENCES run (run_id),
    name           TEXT NOT NULL,
    input_offset   INTEGER NOT NULL,
    input_length   INTEGER NOT NULL
) STRICT;
CREATE INDEX interchange_key ON interchange (sender, receiver, control, received);

-- header and lines are JSON: see src/store/lines.rs, and the view order_line.
CREATE TABLE purchase_order (
    order_number INTEGER PRIMARY KEY,
    order_id     TEXT NOT NULL UNIQUE,
    run_id       TEXT NOT NULL REFERENCES run (run_id),
    unit         INTEGER NOT NULL,
    partner      TEXT NOT NULL,
    customer     TEXT NOT NULL,
    po_number    TEXT NOT NULL,
    release      TEXT NOT NULL,
    po_date      TEXT NOT NULL,
    received     TEXT NOT NULL,
    currency     TEXT NOT NULL,
    state        TEXT NOT NULL,
    input        TEXT NOT NULL,
    input_offset INTEGER NOT NULL,
    input_length INTEGER NOT NULL,
    header       TEXT NOT NULL,
    lines        TEXT NOT NULL
) STRICT;
CREATE INDEX purchase_order_po ON purchase_order (po_number, customer, release, received);

CREATE TABLE exception (
    exception_id INTEGER PRIMARY KEY,
    kind         TEXT NOT NULL,
    cause        TEXT NOT NULL,
    run_id       TEXT NOT NULL REFERENCES run (run_id),
    partner      TEXT NOT NULL,
    customer     TEXT NOT NULL,
    po_number    TEXT NOT NULL,
    order_id     TEXT NOT NULL,
    line         INTEGER NOT NULL,
    detail       TEXT NOT NULL,
    closed       INTEGER
) STRICT;
CREATE INDEX exception_open ON exception (exception_id) WHERE closed IS NULL;

CREATE TABLE control_number (
    sequence    TEXT PRIMARY KEY,
    last_number INTEGER NOT NULL
) STRICT;

CREATE TABLE invoice (
    kind           TEXT NOT NULL,
    invoice_number TEXT NOT NULL,
    run_id         TEXT NOT NULL REFERENCES run (run_id),
    partner        TEXT NOT NULL,
    customer       TEXT NOT NULL,
    po_number      TEXT NOT NULL,
    order_id       TEXT NOT NULL,
    invoice_date   TEXT NOT NULL,
    total_micro    INTEGER NOT NULL,
    state          TEXT NOT NULL,
    document       TEXT NOT NULL,
    PRIMARY KEY (kind, invoice_number)
) STRICT;

CREATE TABLE customer_item_event (
    event_id           INTEGER PRIMARY KEY,
    event_key          TEXT NOT NULL UNIQUE,
    run_id             TEXT NOT NULL,
    recorded           INTEGER NOT NULL,
    kind               TEXT NOT NULL CHECK (kind IN ('sold', 'credited', 'returned')),
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
    service_due        TEXT NOT NULL
) STRICT;
CREATE INDEX customer_item_event_customer ON customer_item_event (customer, event_id);

CREATE TABLE pos_sale (
    sale_key TEXT PRIMARY KEY,
    paid     INTEGER NOT NULL,
    run_id   TEXT NOT NULL
) STRICT;

CREATE TABLE output (
    output_id INTEGER PRIMARY KEY,
    run_id    TEXT NOT NULL REFERENCES run (run_id),
    unit      INTEGER NOT NULL,
    staged    TEXT NOT NULL,
    path      TEXT NOT NULL,
    kind      TEXT NOT NULL,
    partner   TEXT NOT NULL,
    control   TEXT NOT NULL,
    digest    TEXT NOT NULL,
    published INTEGER NOT NULL
) STRICT;
CREATE INDEX output_unpublished ON output (run_id, unit) WHERE published = 0;

-- For people with a standard tool: the lines of the orders as rows.
CREATE VIEW order_line AS
SELECT
    purchase_order.order_id,
    purchase_order.run_id,
    purchase_order.partner,
    purchase_order.customer,
    purchase_order.po_number,
    purchase_order.release,
    purchase_order.po_date,
    purchase_order.received,
    purchase_order.currency,
    json_extract(entry.value, '$[0]') AS line,
    json_extract(entry.value, '$[1]') AS po_line_id,
    json_extract(entry.value, '$[2]') AS item,
    json_extract(entry.value, '$[3]') AS outcome,
    json_extract(entry.value, '$[4]') AS state,
    json_extract(entry.value, '$[5]') AS via,
    json_extract(entry.value, '$[6]') AS ordered_quantity,
    json_extract(entry.value, '$[7]') AS ordered_unit,
    json_extract(entry.value, '$[8]') AS quantity,
    json_extract(entry.value, '$[9]') AS unit,
    json_extract(entry.value, '$[10]') AS unit_price,
    json_extract(entry.value, '$[11]') AS customer_item,
    json_extract(entry.value, '$[12]') AS customer_item_qualifier,
    json_extract(entry.value, '$[13]') AS xref_id,
    json_extract(entry.value, '$[14]') AS ship_to,
    json_extract(entry.value, '$[15]') AS requested_date
FROM purchase_order, json_each(purchase_order.lines) AS entry;

CREATE VIEW current_item_xref AS
SELECT
    xref_id, customer, ship_to, customer_item, qualifier, unit, item, unit_factor, rank, valid_from, valid_to,
    active, description, source, recorded_from, decided_by, reason
FROM item_xref
WHERE recorded_to IS NULL;
