-- What a release of held orders needs.

-- How many 855 answered the order.
ALTER TABLE purchase_order ADD COLUMN answered INTEGER NOT NULL DEFAULT 0;
CREATE INDEX purchase_order_held ON purchase_order (order_number) WHERE state IN ('held', 'part_held');
CREATE INDEX receipt_input ON receipt (run_id, unit, name);

-- Of a closed exception: the run that closed it, and as what: ordered, rejected, mapped, held (again, for another cause),
-- read (an archived input).
ALTER TABLE exception ADD COLUMN closed_by TEXT NOT NULL DEFAULT '';
ALTER TABLE exception ADD COLUMN closed_as TEXT NOT NULL DEFAULT '';
CREATE INDEX exception_order ON exception (order_id, line) WHERE closed IS NULL;
