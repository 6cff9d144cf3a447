-- The tables of 0002_guides.sqlite.sql, which explains them.

-- +goose Up
CREATE TABLE guide_catalogue (
    hall     text COLLATE "C" NOT NULL,
    revision text COLLATE "C" NOT NULL, -- SHA-256 of the catalogue's JSON, hex
    n        bigint NOT NULL, -- 1, 2, 3 ... in the order in which they were put to use
    at       bigint NOT NULL,
    body     bytea NOT NULL, -- that JSON, gzip
    PRIMARY KEY (hall, revision),
    UNIQUE (hall, n)
);
-- It is compressed already.
ALTER TABLE guide_catalogue ALTER COLUMN body SET STORAGE EXTERNAL;

CREATE TABLE handoff_key (
    hall     text COLLATE "C" NOT NULL,
    id       bigint NOT NULL CHECK (id BETWEEN 0 AND 255),
    secret   bytea NOT NULL,
    from_at  bigint NOT NULL,
    until_at bigint NOT NULL,
    PRIMARY KEY (hall, id)
);

CREATE TABLE guide_miss (
    hall  text COLLATE "C" NOT NULL,
    day   text COLLATE "C" NOT NULL,
    text  text COLLATE "C" NOT NULL,
    count bigint NOT NULL CHECK (count >= 1),
    PRIMARY KEY (hall, day, text)
);
