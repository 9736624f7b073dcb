-- Version 4: what people decide about causes that wait.
--
-- The last row of a cause counts. A rejection is for the lines that were open when it was signed: those up to last_exception.
CREATE TABLE cause_decision (
    decision_id    INTEGER PRIMARY KEY,
    cause          TEXT NOT NULL,
    decision       TEXT NOT NULL CHECK (decision IN ('map', 'reject', 'ignore')),
    terms          TEXT NOT NULL,
    ignore_until   TEXT NOT NULL,
    decided_by     TEXT NOT NULL,
    reason         TEXT NOT NULL,
    recorded       INTEGER NOT NULL,
    last_exception INTEGER NOT NULL
) STRICT;
CREATE INDEX cause_decision_cause ON cause_decision (cause, decision_id);
