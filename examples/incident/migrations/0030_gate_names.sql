-- Release 8.2 (2026-10-06): doors have names instead of numbers.
ALTER TABLE scans ADD COLUMN gate_name text;
UPDATE scans SET gate_name = 'Door ' || gate WHERE gate_name IS NULL;
