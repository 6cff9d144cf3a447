-- What calling by rules needs; see the SQLite twin.

-- +goose Up
ALTER TABLE ticket
    ADD COLUMN class        text COLLATE "C" NOT NULL DEFAULT '' CHECK (class IN ('', 'priority', 'appointment')), -- '' = ordinary
    ADD COLUMN class_reason text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN line         text COLLATE "C" NOT NULL DEFAULT '', -- the business it waits for, or window:w3
    ADD COLUMN place_at     bigint NOT NULL DEFAULT 0, -- its place in line: issued_at, or that of the ticket it came back behind
    ADD COLUMN back_at      bigint NOT NULL DEFAULT 0, -- when it came back after it was passed over; 0 = it did not
    DROP CONSTRAINT ticket_state_check,
    ADD CONSTRAINT ticket_state_check CHECK (state IN ('issued','called','started','held','finished','no-show','cancelled','void'));
DROP INDEX ticket_waiting;
UPDATE ticket SET line = business, place_at = issued_at;
ALTER TABLE ticket
    ALTER COLUMN class DROP DEFAULT,
    ALTER COLUMN class_reason DROP DEFAULT,
    ALTER COLUMN line DROP DEFAULT,
    ALTER COLUMN place_at DROP DEFAULT,
    ALTER COLUMN back_at DROP DEFAULT;
CREATE INDEX ticket_waiting ON ticket (hall, day, line, class, place_at, slot, seq, back_at) WHERE state = 'issued';
CREATE INDEX ticket_held ON ticket (hall, day, window_id) WHERE state = 'held';
CREATE INDEX ticket_missed ON ticket (hall, day, business, ended_at) WHERE state = 'no-show';

-- How many numbers of the day a business has given out, void ones left out.
ALTER TABLE queue_length ADD COLUMN taken bigint NOT NULL DEFAULT 0 CHECK (taken >= 0);
INSERT INTO queue_length (hall, day, business, waiting, taken)
SELECT hall, day, business, 0, count(*) FROM ticket WHERE state <> 'void' GROUP BY hall, day, business
ON CONFLICT (hall, day, business) DO UPDATE SET taken = excluded.taken;

-- How many tickets of a class have been called in a row over the heads of the
-- ordinary ones of a line. A line without a row has 0.
CREATE TABLE passed_over (
    hall  text COLLATE "C" NOT NULL,
    day   text COLLATE "C" NOT NULL,
    line  text COLLATE "C" NOT NULL,
    calls bigint NOT NULL CHECK (calls >= 0),
    PRIMARY KEY (hall, day, line)
);

-- Why a business is paused, for the public; '' = nothing is said.
ALTER TABLE pause ADD COLUMN reason text COLLATE "C" NOT NULL DEFAULT '';

-- Windows that were closed from afar.
CREATE TABLE closed_window (
    hall      text COLLATE "C" NOT NULL,
    window_id text COLLATE "C" NOT NULL,
    since     bigint NOT NULL,
    reason    text COLLATE "C" NOT NULL,
    PRIMARY KEY (hall, window_id)
);
