-- +goose Up

-- printjournal: one row per attempt to put a ticket on paper.
CREATE TABLE print_job (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  ticket_id TEXT    NOT NULL,
  copy      INTEGER NOT NULL,            -- 1 = marked 补打
  bytes     INTEGER NOT NULL,            -- length of the job
  state     TEXT    NOT NULL,            -- prepared, sending, sent, confirmed, failed, unknown
  fault     TEXT    NOT NULL DEFAULT '', -- what ended it, when that was not the end of the paper work
  boot_id   TEXT    NOT NULL,
  mono_ms   INTEGER NOT NULL,
  wall_ms   INTEGER NOT NULL             -- of its beginning
) STRICT;
CREATE INDEX print_job_by_ticket ON print_job (ticket_id);
CREATE INDEX print_job_unfinished ON print_job (id) WHERE state IN ('prepared', 'sending', 'sent');
