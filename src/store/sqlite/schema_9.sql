-- Version 9: what each ledger entry said when it was recorded, so that one that is changed or lost later is found.
--
-- digest: SHA-256 of what the entry says, its first 16 bytes in hexadecimal. Of an entry that was recorded before this version
-- it is empty until a night gives it what the entry says then.
CREATE TABLE ledger_seal (
    seal_id   INTEGER PRIMARY KEY,
    event_key TEXT NOT NULL UNIQUE,
    digest    TEXT NOT NULL
) STRICT;
INSERT INTO ledger_seal (event_key, digest) SELECT event_key, '' FROM customer_item_event ORDER BY event_id;

-- How far the nights have come in looking at the entries again: after is the last seal of the last night's part (0: a new
-- round begins), looked that night's date.
CREATE TABLE ledger_round (
    round_id INTEGER PRIMARY KEY CHECK (round_id = 1),
    after    INTEGER NOT NULL,
    looked   TEXT NOT NULL
) STRICT;
CREATE INDEX customer_item_event_voids ON customer_item_event (target) WHERE kind = 'voided';
