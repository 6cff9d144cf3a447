-- Times: *_ms of a wall clock are milliseconds since 1970 UTC, mono_ms are
-- milliseconds since the boot named by boot_id. States are words, see the Go
-- package that owns the table.

-- +goose Up

-- localstore: facts about the file itself.
CREATE TABLE meta (
  key   TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- outbox: what the centre must be told, in order.
CREATE TABLE outbox (
  seq        INTEGER PRIMARY KEY AUTOINCREMENT, -- 1, 2, 3 …, never used twice
  id         TEXT    NOT NULL UNIQUE,
  kind       TEXT    NOT NULL,
  lane       INTEGER NOT NULL, -- 1 tickets, 2 ratings, 3 everything else
  body       TEXT    NOT NULL,
  boot_id    TEXT    NOT NULL,
  mono_ms    INTEGER NOT NULL,
  wall_ms    INTEGER NOT NULL,
  state      TEXT    NOT NULL DEFAULT 'waiting', -- waiting, acked, dead
  tries      INTEGER NOT NULL DEFAULT 0,
  last_error TEXT    NOT NULL DEFAULT '',
  acked_ms   INTEGER NOT NULL DEFAULT 0          -- wall clock of the acknowledgement
) STRICT;
CREATE INDEX outbox_dead ON outbox (seq) WHERE state = 'dead';

CREATE TABLE outbox_ack (
  one     INTEGER PRIMARY KEY CHECK (one = 1),
  through INTEGER NOT NULL
) STRICT;
INSERT INTO outbox_ack (one, through) VALUES (1, 0);

-- ticketing: one row per tap on the button that takes a number.
CREATE TABLE ticket (
  id          TEXT    NOT NULL PRIMARY KEY, -- made at the tap
  ticket_id   TEXT    NOT NULL,             -- differs from id for a ticket the person held already
  state       TEXT    NOT NULL,             -- intent, issued, refused, abandoned
  business    TEXT    NOT NULL,
  prefix      TEXT    NOT NULL,
  item        TEXT    NOT NULL,
  language    TEXT    NOT NULL,
  holder      TEXT    NOT NULL,             -- JSON until the centre has it, then ''
  holder_name TEXT    NOT NULL,             -- masked
  reason      TEXT    NOT NULL DEFAULT '',  -- why refused or abandoned
  label       TEXT    NOT NULL DEFAULT '',
  day         TEXT    NOT NULL DEFAULT '',
  series      INTEGER NOT NULL DEFAULT 0,   -- slot of the terminal's own series, 0 = the hall's
  number      INTEGER NOT NULL DEFAULT 0,   -- in the own series
  existing    INTEGER NOT NULL DEFAULT 0,
  ahead       INTEGER NOT NULL DEFAULT -1,
  issued_ms   INTEGER NOT NULL DEFAULT 0,
  print       TEXT    NOT NULL DEFAULT '',  -- '' nobody knows yet, confirmed, failed, unknown;
                                            -- 'shown': held before, its paper is an older story
  boot_id     TEXT    NOT NULL,
  mono_ms     INTEGER NOT NULL,
  wall_ms     INTEGER NOT NULL,             -- of the tap
  last_seq    INTEGER NOT NULL DEFAULT 0    -- newest outbox row that speaks of it
) STRICT;
CREATE INDEX ticket_by_ticket_id ON ticket (ticket_id);
CREATE INDEX ticket_open ON ticket (wall_ms) WHERE state = 'intent';
CREATE INDEX ticket_unprinted ON ticket (wall_ms) WHERE state = 'issued' AND print = '';
CREATE UNIQUE INDEX ticket_own_label ON ticket (series, day, prefix, number) WHERE series > 0;

-- ticketing: the running counter of each own series.
CREATE TABLE series_run (
  series INTEGER NOT NULL,
  prefix TEXT    NOT NULL,
  day    TEXT    NOT NULL, -- the latest day the centre vouched for, '' = none yet
  last   INTEGER NOT NULL,
  unsure INTEGER NOT NULL, -- 1 = numbers were given since that nobody vouched for
  PRIMARY KEY (series, prefix)
) STRICT, WITHOUT ROWID;

-- ticketing: the highest number ever given under the name of a day, kept so that
-- a day that was reached once by a wrong clock is not numbered twice.
CREATE TABLE series_day (
  series INTEGER NOT NULL,
  day    TEXT    NOT NULL,
  prefix TEXT    NOT NULL,
  last   INTEGER NOT NULL,
  PRIMARY KEY (series, day, prefix)
) STRICT, WITHOUT ROWID;

-- uplink: the newest word of the centre on each subject.
CREATE TABLE known (
  subject TEXT NOT NULL PRIMARY KEY, -- catalogue, terminal, time, incarnation, closed
  value   TEXT NOT NULL              -- JSON
) STRICT, WITHOUT ROWID;
