-- Complaints and suggestions (投诉建议); the PostgreSQL twin has the same tables. They
-- do not follow from the ledger: a case is the steps that stand here, which are only
-- ever added, and a rebuild leaves these tables as they are.

-- +goose Up

-- What lists are made of; state, class, due and follow_up follow from the steps.
CREATE TABLE complaint (
    hall       TEXT    NOT NULL,
    id         TEXT    NOT NULL, -- UUID made where it was written
    n          INTEGER NOT NULL CHECK (n >= 1), -- 1, 2, 3 ... per hall: how staff speak of it
    code       TEXT    NOT NULL, -- its author asks with it
    kind       TEXT    NOT NULL,
    channel    TEXT    NOT NULL,
    words      TEXT    NOT NULL, -- sealed
    contact    TEXT    NOT NULL, -- sealed; '' = anonymous
    state      TEXT    NOT NULL,
    class      TEXT    NOT NULL,
    due        TEXT    NOT NULL, -- day; '' = nothing is due any more
    follow_up  TEXT    NOT NULL, -- day; '' = no other department has it
    filed_at   INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (hall, id),
    UNIQUE (hall, n),
    UNIQUE (hall, code)
) STRICT;

CREATE TABLE complaint_step (
    hall       TEXT    NOT NULL,
    complaint  TEXT    NOT NULL,
    n          INTEGER NOT NULL CHECK (n >= 1), -- 1, 2, 3 ... per complaint
    at         INTEGER NOT NULL,
    actor      TEXT    NOT NULL, -- author, terminal:t1, staff:u12
    actor_name TEXT    NOT NULL, -- of staff, as it was then
    action     TEXT    NOT NULL,
    words      TEXT    NOT NULL,
    detail     TEXT    NOT NULL, -- JSON of what belongs to the action
    PRIMARY KEY (hall, complaint, n)
) STRICT, WITHOUT ROWID;

-- Who is named in a case and must not see it.
CREATE TABLE complaint_named (
    hall      TEXT NOT NULL,
    complaint TEXT NOT NULL,
    what      TEXT NOT NULL CHECK (what IN ('window', 'account')),
    name      TEXT NOT NULL, -- Window.ID or account
    PRIMARY KEY (hall, complaint, what, name)
) STRICT, WITHOUT ROWID;

-- Who has opened what was sealed.
CREATE TABLE complaint_opening (
    hall       TEXT    NOT NULL,
    complaint  TEXT    NOT NULL,
    n          INTEGER NOT NULL CHECK (n >= 1),
    at         INTEGER NOT NULL,
    actor      TEXT    NOT NULL,
    actor_name TEXT    NOT NULL,
    part       TEXT    NOT NULL, -- words or contact
    PRIMARY KEY (hall, complaint, n)
) STRICT, WITHOUT ROWID;
