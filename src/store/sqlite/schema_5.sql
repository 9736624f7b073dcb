-- Version 5: items that may be sold in parts of their unit.

ALTER TABLE item ADD COLUMN fractions INTEGER NOT NULL DEFAULT 0;
-- the next sync reads the file again: it may have had the column before anyone asked for it
UPDATE master_file SET digest = '' WHERE name = 'items';
