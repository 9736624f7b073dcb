-- Version 9: rows that prove themselves, and files that retention took away.
--
-- seal: SHA-256 (its first 32 digits) of the columns that never change after the row's commit, with their lengths; see
-- src/store/sqlite/seals.rs. Of an order, which a release changes, it is that of the row as the program left it last.
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
    event_key TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO ledger_known (event_key) SELECT event_key FROM customer_item_event ORDER BY event_id;

-- How far the nights have come in looking at the entries again: after is the last entry of the last night's part (0: a new
-- round begins), looked that night's date.
CREATE TABLE ledger_round (
    round_id INTEGER PRIMARY KEY CHECK (round_id = 1),
    after    INTEGER NOT NULL,
    looked   TEXT NOT NULL
) STRICT;
CREATE INDEX customer_item_event_voids ON customer_item_event (target) WHERE kind = 'voided';
