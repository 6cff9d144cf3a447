-- What calling by rules needs: classes, tickets for one window, places after a
-- return, tickets on hold, closed windows; the PostgreSQL twin has the same. All of
-- it is projection. Ledgers from before say nothing of these columns: then a ticket
-- is ordinary, stands in the line of its business and at the place of its time.

-- +goose Up
ALTER TABLE ticket RENAME TO ticket_before;
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
    seq           INTEGER NOT NULL, -- order within a slot at the same place_at
    fingerprint   BLOB    NOT NULL, -- SHA-256 of the request's content
    state         TEXT    NOT NULL CHECK (state IN ('issued','called','started','held','finished','no-show','cancelled','void')),
    reason        TEXT    NOT NULL,
    print_unknown INTEGER NOT NULL CHECK (print_unknown IN (0, 1)),
    issued_at     INTEGER NOT NULL,
    called_at     INTEGER NOT NULL,
    started_at    INTEGER NOT NULL,
    ended_at      INTEGER NOT NULL,
    window_id     TEXT    NOT NULL,
    calls         INTEGER NOT NULL,
    class         TEXT    NOT NULL CHECK (class IN ('', 'priority', 'appointment')), -- '' = ordinary
    class_reason  TEXT    NOT NULL,
    line          TEXT    NOT NULL, -- the business it waits for, or window:w3
    place_at      INTEGER NOT NULL, -- its place in line: issued_at, or that of the ticket it came back behind
    back_at       INTEGER NOT NULL, -- when it came back after it was passed over; 0 = it did not
    PRIMARY KEY (hall, id),
    CHECK (state <> 'void' OR reason <> '')
) STRICT;
INSERT INTO ticket
SELECT hall, id, day, prefix, series, number, label, business, item, language, terminal, slot, seq, fingerprint, state, reason,
    print_unknown, issued_at, called_at, started_at, ended_at, window_id, calls, '', '', business, issued_at, 0
FROM ticket_before;
DROP TABLE ticket_before;
CREATE UNIQUE INDEX ticket_number ON ticket (hall, day, prefix, series, number);
CREATE INDEX ticket_waiting ON ticket (hall, day, line, class, place_at, slot, seq, back_at) WHERE state = 'issued';
CREATE UNIQUE INDEX ticket_at_window ON ticket (hall, day, window_id) WHERE state IN ('called', 'started');
CREATE INDEX ticket_held ON ticket (hall, day, window_id) WHERE state = 'held';
CREATE INDEX ticket_missed ON ticket (hall, day, business, ended_at) WHERE state = 'no-show';
CREATE INDEX ticket_called ON ticket (hall, day, called_at) WHERE called_at > 0;
CREATE INDEX ticket_ended ON ticket (hall, day, window_id, ended_at) WHERE ended_at > 0;

-- How many numbers of the day a business has given out, void ones left out.
ALTER TABLE queue_length ADD COLUMN taken INTEGER NOT NULL DEFAULT 0 CHECK (taken >= 0);
INSERT INTO queue_length (hall, day, business, waiting, taken)
SELECT hall, day, business, 0, count(*) FROM ticket WHERE state <> 'void' GROUP BY hall, day, business
ON CONFLICT (hall, day, business) DO UPDATE SET taken = excluded.taken;

-- How many tickets of a class have been called in a row over the heads of the
-- ordinary ones of a line. A line without a row has 0.
CREATE TABLE passed_over (
    hall  TEXT    NOT NULL,
    day   TEXT    NOT NULL,
    line  TEXT    NOT NULL,
    calls INTEGER NOT NULL CHECK (calls >= 0),
    PRIMARY KEY (hall, day, line)
) STRICT, WITHOUT ROWID;

-- Why a business is paused, for the public; '' = nothing is said.
ALTER TABLE pause ADD COLUMN reason TEXT NOT NULL DEFAULT '';

-- Windows that were closed from afar.
CREATE TABLE closed_window (
    hall      TEXT    NOT NULL,
    window_id TEXT    NOT NULL,
    since     INTEGER NOT NULL,
    reason    TEXT    NOT NULL,
    PRIMARY KEY (hall, window_id)
) STRICT, WITHOUT ROWID;
