-- What came of visits at the windows; the PostgreSQL twin has the same table.
-- Registry, append-only: the ledger has a line with the kind of each, and a rebuild
-- leaves the table as it is. Nobody's name or number is in it.

-- +goose Up
CREATE TABLE visit_result (
    hall      TEXT    NOT NULL,
    n         INTEGER NOT NULL, -- 1, 2, 3 ...
    ticket    TEXT    NOT NULL,
    label     TEXT    NOT NULL,
    business  TEXT    NOT NULL,
    guide     TEXT    NOT NULL, -- id of the guide the missing materials are from, or ''
    at        INTEGER NOT NULL,
    window_id TEXT    NOT NULL,
    account   TEXT    NOT NULL, -- of staff
    kind      TEXT    NOT NULL, -- stable word, such as supplement
    due       TEXT    NOT NULL, -- 2026-11-30, or ''
    reason    INTEGER NOT NULL, -- why it was returned, 1 to 3; 0 = it was not
    words     TEXT    NOT NULL,
    units     TEXT    NOT NULL, -- a line each
    missing   TEXT    NOT NULL, -- a line each
    again     TEXT    NOT NULL, -- why there is a result after another one of the ticket
    PRIMARY KEY (hall, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX visit_result_ticket ON visit_result (hall, ticket);
