-- Ratings of services (好差评) and the follow-up of bad ones; the PostgreSQL twin has the
-- same tables. They are registry, not projections: the ledger tells nothing of them, for
-- whoever reads it must not learn who rated when, and a rebuild leaves them as they are.
-- What may not change has triggers of its own.

-- +goose Up

CREATE TABLE rating (
    hall        TEXT    NOT NULL,
    ticket      TEXT    NOT NULL,
    n           INTEGER NOT NULL CHECK (n IN (0, 1, 2)), -- 0 default, 1 active, 2 supplement
    id          TEXT    NOT NULL, -- names the request: the same one again is no second rating
    level       TEXT    NOT NULL CHECK (level IN ('very-satisfied', 'satisfied', 'basically-satisfied', 'dissatisfied', 'very-dissatisfied')),
    version     TEXT    NOT NULL, -- of the reasons; '' without any
    reasons     TEXT    NOT NULL, -- codes, with commas between
    words       TEXT    NOT NULL,
    anonymous   INTEGER NOT NULL CHECK (anonymous IN (0, 1)),
    channel     TEXT    NOT NULL CHECK (channel IN ('terminal', 'code', '')), -- '' = a default
    business    TEXT    NOT NULL,
    window_id   TEXT    NOT NULL,
    day         TEXT    NOT NULL, -- of the ticket
    served_at   INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    device      BLOB    NOT NULL, -- keyed hash that differs each day; emptied after some days
    fingerprint BLOB    NOT NULL, -- SHA-256 of the request's content
    burst       INTEGER NOT NULL CHECK (burst IN (0, 1)), -- one of many from one device
    PRIMARY KEY (hall, ticket, n),
    UNIQUE (hall, id),
    CHECK (at >= served_at)
) STRICT;
CREATE INDEX rating_day ON rating (hall, day);
CREATE INDEX rating_device ON rating (hall, device, at) WHERE device <> x'';

-- +goose StatementBegin
CREATE TRIGGER rating_stays BEFORE UPDATE OF hall, ticket, n, id, level, version, reasons, words, anonymous, channel, business, window_id, day, served_at, at ON rating
BEGIN
    SELECT RAISE(ABORT, 'a rating is not changed');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER rating_no_delete BEFORE DELETE ON rating
BEGIN
    SELECT RAISE(ABORT, 'a rating is not deleted');
END;
-- +goose StatementEnd

-- One-time codes that are spent, and the number of the rating they gave.
CREATE TABLE rating_code (
    hall   TEXT    NOT NULL,
    ticket TEXT    NOT NULL,
    nonce  BLOB    NOT NULL,
    n      INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    PRIMARY KEY (hall, ticket, nonce)
) STRICT, WITHOUT ROWID;

-- The follow-up of a bad rating.
CREATE TABLE rating_task (
    hall      TEXT    NOT NULL,
    id        TEXT    NOT NULL, -- random: says nothing of the ticket
    ticket    TEXT    NOT NULL,
    n         INTEGER NOT NULL, -- of the rating
    state     TEXT    NOT NULL CHECK (state IN ('open', 'handling', 'review', 'closed')),
    opened_at INTEGER NOT NULL,
    half_at   INTEGER NOT NULL, -- reminders: half and four fifths of the time are over
    late_at   INTEGER NOT NULL,
    due_at    INTEGER NOT NULL, -- the first moment that is too late
    reminded  INTEGER NOT NULL, -- 0, 50, 80, 100: percent of the newest reminder
    handler   TEXT    NOT NULL,
    reviewer  TEXT    NOT NULL,
    verdict   TEXT    NOT NULL,
    answer    TEXT    NOT NULL, -- for the rater to read, once the task is closed
    closed_at INTEGER NOT NULL,
    PRIMARY KEY (hall, id),
    UNIQUE (hall, ticket, n),
    CHECK (state <> 'closed' OR (handler <> '' AND reviewer <> '' AND handler <> reviewer AND closed_at > 0))
) STRICT;
CREATE INDEX rating_task_open ON rating_task (hall, due_at) WHERE state <> 'closed';

-- What was done about it, step by step.
CREATE TABLE rating_step (
    hall    TEXT    NOT NULL,
    task    TEXT    NOT NULL,
    n       INTEGER NOT NULL, -- 1, 2, 3 ...
    at      INTEGER NOT NULL,
    actor   TEXT    NOT NULL, -- account, or centre
    action  TEXT    NOT NULL,
    verdict TEXT    NOT NULL,
    text    TEXT    NOT NULL,
    PRIMARY KEY (hall, task, n)
) STRICT, WITHOUT ROWID;

-- +goose StatementBegin
CREATE TRIGGER rating_step_no_update BEFORE UPDATE ON rating_step
BEGIN
    SELECT RAISE(ABORT, 'rating_step is append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER rating_step_no_delete BEFORE DELETE ON rating_step
BEGIN
    SELECT RAISE(ABORT, 'rating_step is append-only');
END;
-- +goose StatementEnd
