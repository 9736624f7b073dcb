-- Version 9: rows that prove themselves, files that retention took away, changes of orders.
--
-- seal: SHA-256 (its first 32 digits) of the columns that never change after the row's commit, with their lengths; see
-- src/store/sqlite/seals.rs. Of an order, which releases and changes alter, it is that of the row as the program left it last.
ALTER TABLE unit ADD COLUMN seal TEXT NOT NULL DEFAULT '';
ALTER TABLE receipt ADD COLUMN seal TEXT NOT NULL DEFAULT '';
ALTER TABLE purchase_order ADD COLUMN seal TEXT NOT NULL DEFAULT '';
ALTER TABLE exception ADD COLUMN seal TEXT NOT NULL DEFAULT '';
ALTER TABLE invoice ADD COLUMN seal TEXT NOT NULL DEFAULT '';
ALTER TABLE output ADD COLUMN seal TEXT NOT NULL DEFAULT '';
ALTER TABLE sent_interchange ADD COLUMN seal TEXT NOT NULL DEFAULT '';
ALTER TABLE customer_item_event ADD COLUMN seal TEXT NOT NULL DEFAULT '';

-- How many sealed rows were committed of each table under a run, by whatever run or command.
CREATE TABLE sealed_rows (
    run_id  TEXT NOT NULL,
    name    TEXT NOT NULL,
    counted INTEGER NOT NULL,
    PRIMARY KEY (run_id, name)
) STRICT, WITHOUT ROWID;

-- Runs from before this version: their rows may have no seal, and nobody counted them.
CREATE TABLE unsealed_run (
    run_id TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
INSERT OR IGNORE INTO unsealed_run SELECT run_id FROM run;
INSERT OR IGNORE INTO unsealed_run SELECT DISTINCT run_id FROM customer_item_event;

CREATE INDEX purchase_order_run ON purchase_order (run_id, unit);
CREATE INDEX exception_run ON exception (run_id);
CREATE INDEX invoice_run ON invoice (run_id);
CREATE INDEX output_run ON output (run_id, unit);
CREATE INDEX customer_item_event_run ON customer_item_event (run_id);

-- Files that retention takes away: the row is committed before the file goes, and gone is set after it.
CREATE TABLE removed_file (
    path    TEXT NOT NULL,
    run_id  TEXT NOT NULL,
    kind    TEXT NOT NULL,
    removed TEXT NOT NULL,
    gone    INTEGER NOT NULL,
    PRIMARY KEY (path, run_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX removed_file_going ON removed_file (path) WHERE gone = 0;

-- The digest of the configuration, the profiles and the program under which a run worked; empty where they changed while it
-- was interrupted.
CREATE TABLE run_settings (
    run_id TEXT PRIMARY KEY,
    digest TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Every ledger entry that was ever recorded, so that one that is lost later is found.
CREATE TABLE ledger_known (
    known_id  INTEGER PRIMARY KEY,
    event_key TEXT NOT NULL UNIQUE,
    -- under which it is counted: that of the command that posted it again, where it was lost
    run_id    TEXT NOT NULL
) STRICT;
INSERT INTO ledger_known (event_key, run_id) SELECT event_key, run_id FROM customer_item_event ORDER BY event_id;
CREATE INDEX ledger_known_run ON ledger_known (run_id);

-- How far the nights have come in looking at the entries again: after is the last entry of the last night's part (0: a new
-- round begins), looked that night's date.
CREATE TABLE ledger_round (
    round_id INTEGER PRIMARY KEY CHECK (round_id = 1),
    after    INTEGER NOT NULL,
    looked   TEXT NOT NULL
) STRICT;
CREATE INDEX customer_item_event_voids ON customer_item_event (target) WHERE kind = 'voided';

-- Changes of orders.
--
-- One row for each change that came: an 860, an 850 under purpose 01, 04 or 05, or a second, different order under a number. kind
-- and cause are those of the exception that is open while it waits; content is the change as it came, plan the lines before and
-- after, both JSON; receiver is who is answered (ISA07, ISA08, GS03) as JSON; judged is the run that looked at it last.
CREATE TABLE order_change (
    change_id   INTEGER PRIMARY KEY,
    kind        TEXT NOT NULL,
    cause       TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('held', 'applied', 'by_hand', 'rejected')),
    order_id    TEXT NOT NULL,
    partner     TEXT NOT NULL,
    customer    TEXT NOT NULL,
    po_number   TEXT NOT NULL,
    release     TEXT NOT NULL,
    received    TEXT NOT NULL,
    run_id      TEXT NOT NULL REFERENCES run (run_id),
    input       TEXT NOT NULL,
    input_offset INTEGER NOT NULL,
    content     TEXT NOT NULL,
    plan        TEXT NOT NULL,
    receiver    TEXT NOT NULL,
    answered    INTEGER NOT NULL,
    judged      TEXT NOT NULL,
    settled_by  TEXT NOT NULL,
    -- of the row as the program left it last
    seal        TEXT NOT NULL
) STRICT;
CREATE INDEX order_change_run ON order_change (run_id);
CREATE INDEX order_change_po ON order_change (po_number, partner, change_id);
CREATE INDEX order_change_held ON order_change (cause) WHERE state = 'held';

-- What an order was before a change was applied to it: the newest state stands in purchase_order.
CREATE TABLE order_version (
    order_id    TEXT NOT NULL REFERENCES purchase_order (order_id),
    version     INTEGER NOT NULL,
    change_id   INTEGER NOT NULL REFERENCES order_change (change_id),
    run_id      TEXT NOT NULL,
    state       TEXT NOT NULL,
    header      TEXT NOT NULL,
    lines       TEXT NOT NULL,
    recorded    INTEGER NOT NULL,
    seal        TEXT NOT NULL,
    PRIMARY KEY (order_id, version)
) STRICT;
CREATE INDEX order_version_run ON order_version (run_id);

-- What a person decided about a change that waits. The last row counts.
CREATE TABLE order_change_decision (
    decision_id INTEGER PRIMARY KEY,
    change_id   INTEGER NOT NULL REFERENCES order_change (change_id),
    decision    TEXT NOT NULL CHECK (decision IN ('apply', 'reject', 'done')),
    decided_by  TEXT NOT NULL,
    reason      TEXT NOT NULL,
    recorded    INTEGER NOT NULL
) STRICT;
CREATE INDEX order_change_decision_change ON order_change_decision (change_id, decision_id);
