-- The tables of 0001_queue.sqlite.sql, which explains them, for PostgreSQL 13 and
-- later. Text is compared byte by byte, so that an index and an order mean the same
-- whatever the locale of the database.

-- +goose Up
CREATE TABLE hall_secret (
    hall   text COLLATE "C" NOT NULL PRIMARY KEY,
    secret text COLLATE "C" NOT NULL -- 64 hex digits, see centralapi.Terminal.HolderSecret
);

CREATE TABLE hall_day (
    hall    text COLLATE "C" NOT NULL PRIMARY KEY,
    day     text COLLATE "C" NOT NULL, -- the business day the hall is on
    boot    text COLLATE "C" NOT NULL, -- of the machine that began it; names the run of its monotonic clock
    boot_ms bigint NOT NULL, -- that clock when it did
    wall    bigint NOT NULL  -- and the wall clock
);

CREATE TABLE terminal (
    hall             text COLLATE "C" NOT NULL,
    id               text COLLATE "C" NOT NULL,
    slot             bigint           NOT NULL CHECK (slot >= 1),
    name             text COLLATE "C" NOT NULL,
    token_hash       bytea            NOT NULL, -- SHA-256 of the bearer token
    enrolled_at      bigint           NOT NULL,
    acked_through    bigint           NOT NULL DEFAULT 0, -- highest contiguous event seq held
    last_event_at    bigint           NOT NULL DEFAULT 0, -- when its newest ticket event happened
    incarnation      bytea            NOT NULL, -- SHA-256 of the token in use; empty before the first
    incarnation_next bytea            NOT NULL, -- SHA-256 of the token that replaces it; empty before the first
    incarnation_nonce bytea NOT NULL, -- SHA-256 of the nonce the next one was asked for with; empty before
    incarnation_at   bigint NOT NULL, -- when the one in use began to be
    incarnation_boot text COLLATE "C" NOT NULL, -- run of the centre's monotonic clock then, see hall_day
    incarnation_ms   bigint NOT NULL, -- and that clock
    incarnation_n    bigint           NOT NULL, -- how many tokens have been made
    frozen_at        bigint           NOT NULL, -- when its disk was found to be copied
    PRIMARY KEY (hall, id),
    UNIQUE (hall, slot),
    UNIQUE (hall, token_hash)
);

-- The hall's own number series: one row per business day and prefix.
CREATE TABLE counter (
    hall    text COLLATE "C" NOT NULL,
    day     text COLLATE "C" NOT NULL,
    prefix  text COLLATE "C" NOT NULL,
    last    bigint NOT NULL,
    last_at bigint NOT NULL, -- issued_at of that number; numbers never go back in time
    PRIMARY KEY (hall, day, prefix)
);

-- How many tickets of a business are in state issued. Kept in the transaction
-- that changes a ticket, so that issuing a number does not count the queue.
CREATE TABLE queue_length (
    hall     text COLLATE "C" NOT NULL,
    day      text COLLATE "C" NOT NULL,
    business text COLLATE "C" NOT NULL,
    waiting  bigint NOT NULL CHECK (waiting >= 0),
    PRIMARY KEY (hall, day, business)
);

CREATE TABLE ticket (
    hall          text COLLATE "C" NOT NULL,
    id            text COLLATE "C" NOT NULL, -- the terminal's UUIDv7
    day           text COLLATE "C" NOT NULL,
    prefix        text COLLATE "C" NOT NULL,
    series        text COLLATE "C" NOT NULL, -- '' = the hall's own, else the terminal's slot
    number        bigint NOT NULL CHECK (number >= 1),
    label         text COLLATE "C" NOT NULL,
    business      text COLLATE "C" NOT NULL,
    item          text COLLATE "C" NOT NULL,
    language      text COLLATE "C" NOT NULL,
    terminal      text COLLATE "C" NOT NULL,
    slot          bigint NOT NULL,
    seq           bigint NOT NULL, -- order within a slot at the same issued_at
    fingerprint   bytea NOT NULL, -- SHA-256 of the request's content
    state         text COLLATE "C" NOT NULL CHECK (state IN ('issued','called','started','finished','no-show','cancelled','void')),
    reason        text COLLATE "C" NOT NULL,
    print_unknown boolean NOT NULL,
    issued_at     bigint NOT NULL,
    called_at     bigint NOT NULL,
    started_at    bigint NOT NULL,
    ended_at      bigint NOT NULL,
    window_id     text COLLATE "C" NOT NULL,
    calls         bigint NOT NULL,
    PRIMARY KEY (hall, id),
    CHECK (state <> 'void' OR reason <> '')
);
CREATE UNIQUE INDEX ticket_number ON ticket (hall, day, prefix, series, number);
CREATE INDEX ticket_waiting ON ticket (hall, day, business, issued_at, slot, seq) WHERE state = 'issued';
CREATE UNIQUE INDEX ticket_at_window ON ticket (hall, day, window_id) WHERE state IN ('called', 'started');
CREATE INDEX ticket_called ON ticket (hall, day, called_at) WHERE called_at > 0;
CREATE INDEX ticket_ended ON ticket (hall, day, window_id, ended_at) WHERE ended_at > 0;

-- Ids that were answered with a ticket their holder already had.
CREATE TABLE same_holder (
    hall        text COLLATE "C" NOT NULL,
    id          text COLLATE "C" NOT NULL,
    ticket      text COLLATE "C" NOT NULL,
    fingerprint bytea NOT NULL,
    PRIMARY KEY (hall, id)
);
CREATE INDEX same_holder_ticket ON same_holder (hall, ticket);

-- Ids their terminal has given up before the centre had seen them.
CREATE TABLE tombstone (
    hall     text COLLATE "C" NOT NULL,
    id       text COLLATE "C" NOT NULL,
    terminal text COLLATE "C" NOT NULL,
    reason   text COLLATE "C" NOT NULL,
    at       bigint NOT NULL,
    PRIMARY KEY (hall, id)
);

-- Who holds a ticket, masked. Apart from the ticket, so that it can be erased
-- without touching the ledger.
CREATE TABLE holder (
    hall   text COLLATE "C" NOT NULL,
    ticket text COLLATE "C" NOT NULL,
    day    text COLLATE "C" NOT NULL, -- of the ticket when it was booked; says when to erase
    key    text COLLATE "C" NOT NULL,
    name   text COLLATE "C" NOT NULL,
    number text COLLATE "C" NOT NULL,
    source text COLLATE "C" NOT NULL,
    PRIMARY KEY (hall, ticket)
);
CREATE INDEX holder_key ON holder (hall, key);
CREATE INDEX holder_day ON holder (hall, day);

-- Every change of a hall's state in commit order. fact says exactly what changed;
-- everything below and above that is called a projection follows from it.
CREATE TABLE hall_log (
    hall       text COLLATE "C" NOT NULL,
    n          bigint NOT NULL, -- 1, 2, 3 ... without a gap
    at         bigint NOT NULL,
    actor      text COLLATE "C" NOT NULL, -- terminal:t7, window:w3, centre
    action     text COLLATE "C" NOT NULL,
    ticket     text COLLATE "C" NOT NULL, -- '' = not about a ticket
    label      text COLLATE "C" NOT NULL,
    business   text COLLATE "C" NOT NULL,
    window_id  text COLLATE "C" NOT NULL,
    from_state text COLLATE "C" NOT NULL,
    to_state   text COLLATE "C" NOT NULL,
    detail     text COLLATE "C" NOT NULL,
    source     text COLLATE "C" NOT NULL, -- id of the inbox event that caused it, or ''
    fact       text COLLATE "C" NOT NULL, -- JSON
    PRIMARY KEY (hall, n)
);

-- +goose StatementBegin
CREATE FUNCTION hall_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'hall_log is append-only';
END;
$$;
-- +goose StatementEnd
CREATE TRIGGER hall_log_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON hall_log
    FOR EACH STATEMENT EXECUTE FUNCTION hall_log_is_append_only();

CREATE TABLE pause (
    hall     text COLLATE "C" NOT NULL,
    business text COLLATE "C" NOT NULL,
    since    bigint NOT NULL,
    PRIMARY KEY (hall, business)
);

CREATE TABLE window_session (
    hall       text COLLATE "C" NOT NULL,
    token_hash bytea NOT NULL, -- SHA-256 of the bearer token
    window_id  text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    ended_at   bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (hall, token_hash)
);
CREATE INDEX window_session_open ON window_session (hall, window_id, expires_at) WHERE ended_at = 0;

CREATE TABLE login_guard (
    hall         text COLLATE "C" NOT NULL,
    window_id    text COLLATE "C" NOT NULL,
    failures     bigint NOT NULL, -- tries since the last right PIN
    locked_until bigint NOT NULL,
    PRIMARY KEY (hall, window_id)
);

-- The inbox: every event as it came, before anything is made of it.
CREATE TABLE event (
    hall        text COLLATE "C" NOT NULL,
    id          text COLLATE "C" NOT NULL,
    terminal    text COLLATE "C" NOT NULL,
    seq         bigint NOT NULL,
    kind        text COLLATE "C" NOT NULL,
    monotonic   bigint NOT NULL, -- milliseconds since the terminal's boot boot_id
    boot_id     text COLLATE "C" NOT NULL,
    wall        text COLLATE "C" NOT NULL, -- the terminal's clock, RFC 3339; a hint
    body        text COLLATE "C" NOT NULL,
    received_at bigint NOT NULL,
    happened_at bigint NOT NULL, -- by age at arrival
    outcome     text COLLATE "C" NOT NULL CHECK (outcome IN ('done', 'quarantined')),
    reason      text COLLATE "C" NOT NULL, -- why quarantined
    PRIMARY KEY (hall, id)
);
CREATE INDEX event_seq ON event (hall, terminal, seq);

CREATE TABLE device (
    hall     text COLLATE "C" NOT NULL,
    terminal text COLLATE "C" NOT NULL,
    device   text COLLATE "C" NOT NULL,
    state    text COLLATE "C" NOT NULL CHECK (state IN ('ready', 'fault', 'absent')),
    fault    text COLLATE "C" NOT NULL,
    since    bigint NOT NULL,
    seq      bigint NOT NULL, -- of the event; an older one changes nothing
    PRIMARY KEY (hall, terminal, device)
);

CREATE TABLE help_call (
    hall        text COLLATE "C" NOT NULL,
    id          text COLLATE "C" NOT NULL, -- the event's id
    terminal    text COLLATE "C" NOT NULL,
    page        text COLLATE "C" NOT NULL,
    at          bigint NOT NULL,
    answered_at bigint NOT NULL,
    answered_by text COLLATE "C" NOT NULL,
    PRIMARY KEY (hall, id)
);
CREATE INDEX help_call_open ON help_call (hall, at) WHERE answered_at = 0;
