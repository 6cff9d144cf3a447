-- Everything the central service keeps; the PostgreSQL twin has the same tables.
-- Conventions:
--   * the hall's id is the first column of every key, so halls can be spread
--     over databases later;
--   * times are microseconds since 1970-01-01 UTC, 0 = never; days are
--     2026-11-21; states and kinds are the words of the HTTP contract;
--   * nothing here holds a whole document number, name or phone.
--
-- Registry, changed in place: hall_secret, hall_day, terminal, window_session, login_guard,
-- holder. Inbox, as it came: event. Ledger, append-only: hall_log. Projections,
-- which can be made anew from the ledger: ticket, counter, queue_length,
-- same_holder, tombstone, pause, device, help_call.

-- +goose Up
CREATE TABLE hall_secret (
    hall   TEXT NOT NULL PRIMARY KEY,
    secret TEXT NOT NULL -- 64 hex digits, see centralapi.Terminal.HolderSecret
) STRICT, WITHOUT ROWID;

CREATE TABLE hall_day (
    hall    TEXT    NOT NULL PRIMARY KEY,
    day     TEXT    NOT NULL, -- the business day the hall is on
    boot    TEXT    NOT NULL, -- of the machine that began it; names the run of its monotonic clock
    boot_ms INTEGER NOT NULL, -- that clock when it did
    wall    INTEGER NOT NULL  -- and the wall clock
) STRICT, WITHOUT ROWID;

CREATE TABLE terminal (
    hall             TEXT    NOT NULL,
    id               TEXT    NOT NULL,
    slot             INTEGER NOT NULL CHECK (slot >= 1),
    name             TEXT    NOT NULL,
    token_hash       BLOB    NOT NULL, -- SHA-256 of the bearer token
    enrolled_at      INTEGER NOT NULL,
    acked_through    INTEGER NOT NULL DEFAULT 0, -- highest contiguous event seq held
    last_event_at    INTEGER NOT NULL DEFAULT 0, -- when its newest ticket event happened
    incarnation      BLOB    NOT NULL, -- SHA-256 of the token in use; empty before the first
    incarnation_next BLOB    NOT NULL, -- SHA-256 of the token that replaces it; empty before the first
    incarnation_nonce BLOB    NOT NULL, -- SHA-256 of the nonce the next one was asked for with; empty before
    incarnation_at   INTEGER NOT NULL, -- when the one in use began to be
    incarnation_boot TEXT    NOT NULL, -- run of the centre's monotonic clock then, see hall_day
    incarnation_ms   INTEGER NOT NULL, -- and that clock
    incarnation_n    INTEGER NOT NULL, -- how many tokens have been made
    frozen_at        INTEGER NOT NULL, -- when its disk was found to be copied
    PRIMARY KEY (hall, id),
    UNIQUE (hall, slot),
    UNIQUE (hall, token_hash)
) STRICT;

-- The hall's own number series: one row per business day and prefix.
CREATE TABLE counter (
    hall    TEXT    NOT NULL,
    day     TEXT    NOT NULL,
    prefix  TEXT    NOT NULL,
    last    INTEGER NOT NULL,
    last_at INTEGER NOT NULL, -- issued_at of that number; numbers never go back in time
    PRIMARY KEY (hall, day, prefix)
) STRICT, WITHOUT ROWID;

-- How many tickets of a business are in state issued. Kept in the transaction
-- that changes a ticket, so that issuing a number does not count the queue.
CREATE TABLE queue_length (
    hall     TEXT    NOT NULL,
    day      TEXT    NOT NULL,
    business TEXT    NOT NULL,
    waiting  INTEGER NOT NULL CHECK (waiting >= 0),
    PRIMARY KEY (hall, day, business)
) STRICT, WITHOUT ROWID;

CREATE TABLE ticket (
    hall          TEXT    NOT NULL,
    id            TEXT    NOT NULL, -- the terminal's UUIDv7
    day           TEXT    NOT NULL,
    prefix        TEXT    NOT NULL,
    series        TEXT    NOT NULL, -- '' = the hall's own, else the terminal's slot
    number        INTEGER NOT NULL CHECK (number >= 1),
    label         TEXT    NOT NULL,
    business      TEXT    NOT NULL,
    item          TEXT    NOT NULL,
    language      TEXT    NOT NULL,
    terminal      TEXT    NOT NULL,
    slot          INTEGER NOT NULL,
    seq           INTEGER NOT NULL, -- order within a slot at the same issued_at
    fingerprint   BLOB    NOT NULL, -- SHA-256 of the request's content
    state         TEXT    NOT NULL CHECK (state IN ('issued','called','started','finished','no-show','cancelled','void')),
    reason        TEXT    NOT NULL,
    print_unknown INTEGER NOT NULL CHECK (print_unknown IN (0, 1)),
    issued_at     INTEGER NOT NULL,
    called_at     INTEGER NOT NULL,
    started_at    INTEGER NOT NULL,
    ended_at      INTEGER NOT NULL,
    window_id     TEXT    NOT NULL,
    calls         INTEGER NOT NULL,
    PRIMARY KEY (hall, id),
    CHECK (state <> 'void' OR reason <> '')
) STRICT;
CREATE UNIQUE INDEX ticket_number ON ticket (hall, day, prefix, series, number);
CREATE INDEX ticket_waiting ON ticket (hall, day, business, issued_at, slot, seq) WHERE state = 'issued';
CREATE UNIQUE INDEX ticket_at_window ON ticket (hall, day, window_id) WHERE state IN ('called', 'started');
CREATE INDEX ticket_called ON ticket (hall, day, called_at) WHERE called_at > 0;
CREATE INDEX ticket_ended ON ticket (hall, day, window_id, ended_at) WHERE ended_at > 0;

-- Ids that were answered with a ticket their holder already had.
CREATE TABLE same_holder (
    hall        TEXT NOT NULL,
    id          TEXT NOT NULL,
    ticket      TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    PRIMARY KEY (hall, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX same_holder_ticket ON same_holder (hall, ticket);

-- Ids their terminal has given up before the centre had seen them.
CREATE TABLE tombstone (
    hall     TEXT    NOT NULL,
    id       TEXT    NOT NULL,
    terminal TEXT    NOT NULL,
    reason   TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    PRIMARY KEY (hall, id)
) STRICT, WITHOUT ROWID;

-- Who holds a ticket, masked. Apart from the ticket, so that it can be erased
-- without touching the ledger.
CREATE TABLE holder (
    hall   TEXT NOT NULL,
    ticket TEXT NOT NULL,
    day    TEXT NOT NULL, -- of the ticket when it was booked; says when to erase
    key    TEXT NOT NULL,
    name   TEXT NOT NULL,
    number TEXT NOT NULL,
    source TEXT NOT NULL,
    PRIMARY KEY (hall, ticket)
) STRICT, WITHOUT ROWID;
CREATE INDEX holder_key ON holder (hall, key);
CREATE INDEX holder_day ON holder (hall, day);

-- Every change of a hall's state in commit order. fact says exactly what changed;
-- everything below and above that is called a projection follows from it.
CREATE TABLE hall_log (
    hall       TEXT    NOT NULL,
    n          INTEGER NOT NULL, -- 1, 2, 3 ... without a gap
    at         INTEGER NOT NULL,
    actor      TEXT    NOT NULL, -- terminal:t7, window:w3, centre
    action     TEXT    NOT NULL,
    ticket     TEXT    NOT NULL, -- '' = not about a ticket
    label      TEXT    NOT NULL,
    business   TEXT    NOT NULL,
    window_id  TEXT    NOT NULL,
    from_state TEXT    NOT NULL,
    to_state   TEXT    NOT NULL,
    detail     TEXT    NOT NULL,
    source     TEXT    NOT NULL, -- id of the inbox event that caused it, or ''
    fact       TEXT    NOT NULL, -- JSON
    PRIMARY KEY (hall, n)
) STRICT;

-- +goose StatementBegin
CREATE TRIGGER hall_log_no_update BEFORE UPDATE ON hall_log
BEGIN
    SELECT RAISE(ABORT, 'hall_log is append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER hall_log_no_delete BEFORE DELETE ON hall_log
BEGIN
    SELECT RAISE(ABORT, 'hall_log is append-only');
END;
-- +goose StatementEnd

CREATE TABLE pause (
    hall     TEXT    NOT NULL,
    business TEXT    NOT NULL,
    since    INTEGER NOT NULL,
    PRIMARY KEY (hall, business)
) STRICT, WITHOUT ROWID;

CREATE TABLE window_session (
    hall       TEXT    NOT NULL,
    token_hash BLOB    NOT NULL, -- SHA-256 of the bearer token
    window_id  TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at   INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (hall, token_hash)
) STRICT;
CREATE INDEX window_session_open ON window_session (hall, window_id, expires_at) WHERE ended_at = 0;

CREATE TABLE login_guard (
    hall         TEXT    NOT NULL,
    window_id    TEXT    NOT NULL,
    failures     INTEGER NOT NULL, -- tries since the last right PIN
    locked_until INTEGER NOT NULL,
    PRIMARY KEY (hall, window_id)
) STRICT, WITHOUT ROWID;

-- The inbox: every event as it came, before anything is made of it.
CREATE TABLE event (
    hall        TEXT    NOT NULL,
    id          TEXT    NOT NULL,
    terminal    TEXT    NOT NULL,
    seq         INTEGER NOT NULL,
    kind        TEXT    NOT NULL,
    monotonic   INTEGER NOT NULL, -- milliseconds since the terminal's boot boot_id
    boot_id     TEXT    NOT NULL,
    wall        TEXT    NOT NULL, -- the terminal's clock, RFC 3339; a hint
    body        TEXT    NOT NULL,
    received_at INTEGER NOT NULL,
    happened_at INTEGER NOT NULL, -- by age at arrival
    outcome     TEXT    NOT NULL CHECK (outcome IN ('done', 'quarantined')),
    reason      TEXT    NOT NULL, -- why quarantined
    PRIMARY KEY (hall, id)
) STRICT;
CREATE INDEX event_seq ON event (hall, terminal, seq);

CREATE TABLE device (
    hall     TEXT    NOT NULL,
    terminal TEXT    NOT NULL,
    device   TEXT    NOT NULL,
    state    TEXT    NOT NULL CHECK (state IN ('ready', 'fault', 'absent')),
    fault    TEXT    NOT NULL,
    since    INTEGER NOT NULL,
    seq      INTEGER NOT NULL, -- of the event; an older one changes nothing
    PRIMARY KEY (hall, terminal, device)
) STRICT, WITHOUT ROWID;

CREATE TABLE help_call (
    hall        TEXT    NOT NULL,
    id          TEXT    NOT NULL, -- the event's id
    terminal    TEXT    NOT NULL,
    page        TEXT    NOT NULL,
    at          INTEGER NOT NULL,
    answered_at INTEGER NOT NULL,
    answered_by TEXT    NOT NULL,
    PRIMARY KEY (hall, id)
) STRICT;
CREATE INDEX help_call_open ON help_call (hall, at) WHERE answered_at = 0;
