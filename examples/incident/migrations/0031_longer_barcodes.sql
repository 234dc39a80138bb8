-- Release 8.3 (2026-11-17): partners print barcodes of up to 32 characters.
-- The index is dropped first, so that changing the type does not rebuild it within the same lock.
DROP INDEX tickets_barcode_idx;
ALTER TABLE tickets ALTER COLUMN barcode TYPE varchar(32);
