-- +goose Up

-- uplink: the hall's guides, the last good ones.
CREATE TABLE guides (
  hall     TEXT NOT NULL PRIMARY KEY,
  revision TEXT NOT NULL, -- as the centre names it
  body     BLOB NOT NULL  -- a guide.Catalogue as JSON, gzip
) STRICT;

-- uplink: what people looked for and did not find, and the centre has not been told.
CREATE TABLE search_miss (
  day   TEXT    NOT NULL, -- business day
  text  TEXT    NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (day, text)
) STRICT, WITHOUT ROWID;
