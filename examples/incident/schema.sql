-- Marlow Tickets, PostgreSQL 16. State of release 8.0 (2026-06-30); later changes are in migrations/.

CREATE TABLE events (
    id          bigint PRIMARY KEY,
    title       text NOT NULL,
    starts_at   timestamptz NOT NULL
);

CREATE TABLE tickets (
    id          bigint PRIMARY KEY,
    event_id    bigint NOT NULL REFERENCES events (id),
    seat        text NOT NULL,
    barcode     char(12) NOT NULL,
    buyer_email text NOT NULL,
    state       text NOT NULL DEFAULT 'sold',
    admitted_at timestamptz,
    UNIQUE (event_id, seat)
);
CREATE INDEX tickets_barcode_idx ON tickets (barcode);
CREATE INDEX tickets_buyer_email_idx ON tickets (buyer_email);

CREATE TABLE holds (
    id          bigint PRIMARY KEY,
    event_id    bigint NOT NULL REFERENCES events (id),
    seat        text NOT NULL,
    expires_at  timestamptz NOT NULL
);
CREATE INDEX holds_expires_at_idx ON holds (expires_at);

CREATE TABLE scans (
    id          bigint PRIMARY KEY,
    ticket_id   bigint NOT NULL REFERENCES tickets (id),
    gate        text NOT NULL,
    scanned_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX scans_ticket_id_idx ON scans (ticket_id);
