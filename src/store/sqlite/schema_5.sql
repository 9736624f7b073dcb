-- Version 5: items that may be sold in parts of their unit, and descriptions that are found by their words.

ALTER TABLE item ADD COLUMN fractions INTEGER NOT NULL DEFAULT 0;
-- the next sync reads the file again: it may have had the column before anyone asked for it
UPDATE master_file SET digest = '' WHERE name = 'items';

-- Whose a description is, by its place in the full-text index: an item's (customer is empty) or a number's. What was once there
-- stays, so that any instant can be asked.
CREATE TABLE described (
    place    INTEGER PRIMARY KEY,
    customer TEXT NOT NULL,
    number   TEXT NOT NULL
) STRICT;
CREATE VIRTUAL TABLE described_text USING fts5 (
    text, content = '', columnsize = 0, detail = 'none', tokenize = 'unicode61 remove_diacritics 0'
);
-- All words of it, because a question may be a part of a word.
CREATE TABLE described_word (
    word TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
-- Instants whose descriptions are not there yet: those of very many rows are left to the first lookup.
CREATE TABLE described_unlearnt (
    recorded INTEGER NOT NULL,
    ours     INTEGER NOT NULL,
    PRIMARY KEY (recorded, ours)
) STRICT, WITHOUT ROWID;
INSERT INTO described_unlearnt (recorded, ours) SELECT DISTINCT recorded_from, 1 FROM item;
INSERT INTO described_unlearnt (recorded, ours) SELECT DISTINCT recorded_from, 0 FROM item_xref;
