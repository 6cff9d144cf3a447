-- Who works in the hall; the PostgreSQL twin has the same tables. All are registry,
-- changed in place: the ledger tells of what matters by a line of its own, with the
-- account's id and never its name, and a rebuild leaves these tables as they are.

-- +goose Up
CREATE TABLE staff_account (
    hall          TEXT    NOT NULL,
    id            TEXT    NOT NULL, -- s1, s2 ...; what ledger and records name, never used again
    login         TEXT    NOT NULL,
    name          TEXT    NOT NULL,
    roles         TEXT    NOT NULL, -- clerk,manager
    windows       TEXT    NOT NULL, -- w1,w2; '' = every window
    password_hash TEXT    NOT NULL, -- argon2id, PHC string
    must_change   INTEGER NOT NULL CHECK (must_change IN (0, 1)),
    created_at    INTEGER NOT NULL,
    password_at   INTEGER NOT NULL,
    disabled_at   INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (hall, id),
    UNIQUE (hall, login)
) STRICT;

CREATE TABLE staff_session (
    hall       TEXT    NOT NULL,
    token_hash BLOB    NOT NULL, -- SHA-256 of the token
    account    TEXT    NOT NULL,
    window_id  TEXT    NOT NULL, -- '' = at no window
    created_at INTEGER NOT NULL,
    ends_at    INTEGER NOT NULL, -- whatever happens
    used_at    INTEGER NOT NULL, -- to within some minutes
    expires_at INTEGER NOT NULL, -- unless it is used, at most ends_at
    seated_at  INTEGER NOT NULL, -- at window_id
    ended_at   INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (hall, token_hash)
) STRICT;
CREATE INDEX staff_session_open ON staff_session (hall, window_id, expires_at) WHERE ended_at = 0;

CREATE TABLE staff_guard (
    hall         TEXT    NOT NULL,
    login        TEXT    NOT NULL, -- or what stands for the many that do not exist
    failures     INTEGER NOT NULL, -- tries since the last right password
    locked_until INTEGER NOT NULL,
    PRIMARY KEY (hall, login)
) STRICT, WITHOUT ROWID;

-- Who left a window to whom (AB岗). A row is written once; only who came is added.
CREATE TABLE staff_handover (
    hall         TEXT    NOT NULL,
    n            INTEGER NOT NULL, -- 1, 2, 3 ...
    window_id    TEXT    NOT NULL,
    from_account TEXT    NOT NULL,
    to_account   TEXT    NOT NULL, -- '' = the window was closed
    reason       TEXT    NOT NULL, -- stable word, such as meeting
    ticket       TEXT    NOT NULL, -- id of what was open at the window, or ''
    at           INTEGER NOT NULL,
    taken_by     TEXT    NOT NULL DEFAULT '', -- account that came
    taken_at     INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (hall, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX staff_handover_at ON staff_handover (hall, at);
CREATE INDEX staff_handover_open ON staff_handover (hall, window_id) WHERE taken_at = 0;
