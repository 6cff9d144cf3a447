-- What the guides (办事指南) need; the PostgreSQL twin has the same tables. All are
-- registry, changed in place: the ledger tells of a new catalogue or key by a line of
-- its own, and a rebuild leaves these tables as they are.

-- +goose Up

-- The newest catalogues of each hall; the one with the highest n is in use, older
-- ones are there to tell terminals what is different.
CREATE TABLE guide_catalogue (
    hall     TEXT    NOT NULL,
    revision TEXT    NOT NULL, -- SHA-256 of the catalogue's JSON, hex
    n        INTEGER NOT NULL, -- 1, 2, 3 ... in the order in which they were put to use
    at       INTEGER NOT NULL,
    body     BLOB    NOT NULL, -- that JSON, gzip
    PRIMARY KEY (hall, revision),
    UNIQUE (hall, n)
) STRICT;

-- Keys of the addresses behind QR codes.
CREATE TABLE handoff_key (
    hall     TEXT    NOT NULL,
    id       INTEGER NOT NULL CHECK (id BETWEEN 0 AND 255),
    secret   BLOB    NOT NULL,
    from_at  INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    PRIMARY KEY (hall, id)
) STRICT, WITHOUT ROWID;

-- What people looked for and did not find, of all terminals together.
CREATE TABLE guide_miss (
    hall  TEXT    NOT NULL,
    day   TEXT    NOT NULL,
    text  TEXT    NOT NULL,
    count INTEGER NOT NULL CHECK (count >= 1),
    PRIMARY KEY (hall, day, text)
) STRICT, WITHOUT ROWID;
