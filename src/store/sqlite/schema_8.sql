-- Version 8: what is billed of each order line, and invoices that wait.
--
-- One row for each line of an invoice that bills an order line, in the order's unit; kind is DI or CR, position counts the
-- invoice's lines from 0. It is written with its invoice, so that an order line is never billed twice without a word.
CREATE TABLE billed_line (
    order_id       TEXT NOT NULL,
    kind           TEXT NOT NULL,
    invoice_number TEXT NOT NULL,
    position       INTEGER NOT NULL,
    line           INTEGER NOT NULL,
    quantity       TEXT NOT NULL,
    PRIMARY KEY (order_id, kind, invoice_number, position)
) STRICT, WITHOUT ROWID;
INSERT INTO billed_line (order_id, kind, invoice_number, position, line, quantity)
SELECT
    invoice.order_id, invoice.kind, invoice.invoice_number, entry.key, json_extract(entry.value, '$.line'),
    json_extract(entry.value, '$.quantity')
FROM invoice, json_each(invoice.document, '$.invoice.lines') AS entry
WHERE invoice.order_id <> '' AND json_extract(entry.value, '$.line') > 0;

-- An invoice that did not go out and is looked at again by each run. source is JSON: what the ERP posted, or which lines of
-- an order are billed. cause is the open exception's, judged the run that looked at it last.
CREATE TABLE held_invoice (
    kind           TEXT NOT NULL,
    invoice_number TEXT NOT NULL,
    run_id         TEXT NOT NULL REFERENCES run (run_id),
    partner        TEXT NOT NULL,
    customer       TEXT NOT NULL,
    cause          TEXT NOT NULL,
    source         TEXT NOT NULL,
    judged         TEXT NOT NULL,
    PRIMARY KEY (kind, invoice_number)
) STRICT, WITHOUT ROWID;

-- What a person decided about an invoice that waits: release (it goes out in spite of what holds it) or drop (it never
-- does). The last row counts, for the posting with that source alone.
CREATE TABLE invoice_decision (
    decision_id    INTEGER PRIMARY KEY,
    kind           TEXT NOT NULL,
    invoice_number TEXT NOT NULL,
    decision       TEXT NOT NULL CHECK (decision IN ('release', 'drop')),
    source         TEXT NOT NULL,
    decided_by     TEXT NOT NULL,
    reason         TEXT NOT NULL,
    recorded       INTEGER NOT NULL
) STRICT;
CREATE INDEX invoice_decision_invoice ON invoice_decision (kind, invoice_number, decision_id);
CREATE INDEX exception_document ON exception (kind, cause) WHERE closed IS NULL AND kind <> 'line';
