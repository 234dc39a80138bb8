-- Release 8.3 (2026-11-17): which partner printed a ticket.
ALTER TABLE tickets ADD COLUMN partner text;
CREATE INDEX CONCURRENTLY IF NOT EXISTS tickets_partner_idx ON tickets (partner);
