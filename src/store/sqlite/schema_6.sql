-- Version 6: what went to partners, what they say of it, and what was sent again.
--
-- One row for each interchange that went out. kept is a file below state/sent/ that has its bytes, whatever the transport does
-- with the outbox; empty for what was sent before this version.
CREATE TABLE sent_interchange (
    sent_id     INTEGER PRIMARY KEY,
    run_id      TEXT NOT NULL REFERENCES run (run_id),
    unit        INTEGER NOT NULL,
    kind        TEXT NOT NULL,
    partner     TEXT NOT NULL,
    control     TEXT NOT NULL,
    sender      TEXT NOT NULL,
    receiver    TEXT NOT NULL,
    date        TEXT NOT NULL,
    time        TEXT NOT NULL,
    usage       TEXT NOT NULL,
    path        TEXT NOT NULL,
    kept        TEXT NOT NULL,
    digest      TEXT NOT NULL,
    ta1         TEXT NOT NULL,
    ta1_note    TEXT NOT NULL,
    resends     INTEGER NOT NULL,
    resent_date TEXT NOT NULL,
    resent_time TEXT NOT NULL
) STRICT;
CREATE INDEX sent_interchange_control ON sent_interchange (control);
CREATE INDEX sent_interchange_run ON sent_interchange (run_id);
CREATE INDEX sent_interchange_partner ON sent_interchange (partner, sent_id);

-- One row for each of its groups. documents is JSON, a document a set in the order of ST02; states has a letter for each of
-- them: S sent, A accepted, E accepted with errors, P partially accepted, R rejected; waiting and rejected count S and R.
CREATE TABLE sent_group (
    group_id             INTEGER PRIMARY KEY,
    sent_id              INTEGER NOT NULL REFERENCES sent_interchange (sent_id),
    functional_id        TEXT NOT NULL,
    control              INTEGER NOT NULL,
    application_receiver TEXT NOT NULL,
    set_id               TEXT NOT NULL,
    documents            TEXT NOT NULL,
    states               TEXT NOT NULL,
    waiting              INTEGER NOT NULL,
    rejected             INTEGER NOT NULL,
    notes                TEXT NOT NULL
) STRICT;
CREATE INDEX sent_group_control ON sent_group (control);
CREATE INDEX sent_group_sent ON sent_group (sent_id);
CREATE INDEX sent_group_waiting ON sent_group (sent_id) WHERE waiting > 0 AND functional_id <> 'FA';
CREATE INDEX sent_group_rejected ON sent_group (sent_id) WHERE rejected > 0;

-- Acknowledgments that were matched, each once.
CREATE TABLE acknowledgment (
    acknowledgment_key TEXT PRIMARY KEY,
    sent_id            INTEGER NOT NULL REFERENCES sent_interchange (sent_id),
    run_id             TEXT NOT NULL REFERENCES run (run_id),
    file               TEXT NOT NULL,
    verdict            TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE resend (
    resend_id  INTEGER PRIMARY KEY,
    sent_id    INTEGER NOT NULL REFERENCES sent_interchange (sent_id),
    date       TEXT NOT NULL,
    time       TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    reason     TEXT NOT NULL,
    recorded   INTEGER NOT NULL
) STRICT;
CREATE INDEX resend_sent ON resend (sent_id);

-- When a partner was heard last.
CREATE INDEX receipt_partner ON receipt (partner, run_id);

-- What was sent before: its groups and ids are not known, so that no acknowledgment finds it and none is waited for.
INSERT INTO sent_interchange (
    run_id, unit, kind, partner, control, sender, receiver, date, time, usage, path, kept, digest, ta1, ta1_note, resends,
    resent_date, resent_time
)
SELECT
    output.run_id, output.unit, output.kind, output.partner, output.control, '', '', run.date, '', '', output.path, '',
    output.digest, '', '', 0, '', ''
FROM output
JOIN run ON run.run_id = output.run_id
WHERE output.kind IN ('997', '855', '810', 'ta1')
ORDER BY output.output_id;
