-- Version 9: changes of orders.
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
    settled_by  TEXT NOT NULL
) STRICT;
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
    PRIMARY KEY (order_id, version)
) STRICT, WITHOUT ROWID;

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
