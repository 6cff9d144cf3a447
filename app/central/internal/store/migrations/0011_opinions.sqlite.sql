-- What the author of a complaint thinks of how it was handled, told once. Beside the
-- ledger like the complaint itself; the PostgreSQL twin has the same table.

-- +goose Up
CREATE TABLE complaint_opinion (
    hall      TEXT    NOT NULL,
    complaint TEXT    NOT NULL,
    at        INTEGER NOT NULL,
    level     TEXT    NOT NULL,
    words     TEXT    NOT NULL, -- sealed; '' = none
    PRIMARY KEY (hall, complaint)
) STRICT, WITHOUT ROWID;
