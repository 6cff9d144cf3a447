-- The table of 0011_opinions.sqlite.sql, which explains it.

-- +goose Up
CREATE TABLE complaint_opinion (
    hall      text COLLATE "C" NOT NULL,
    complaint text COLLATE "C" NOT NULL,
    at        bigint NOT NULL,
    level     text COLLATE "C" NOT NULL,
    words     text COLLATE "C" NOT NULL,
    PRIMARY KEY (hall, complaint)
);
