-- The tables of 0006_complaints.sqlite.sql, which explains them.

-- +goose Up
CREATE TABLE complaint (
    hall       text COLLATE "C" NOT NULL,
    id         text COLLATE "C" NOT NULL,
    n          bigint NOT NULL CHECK (n >= 1),
    code       text COLLATE "C" NOT NULL,
    kind       text COLLATE "C" NOT NULL,
    channel    text COLLATE "C" NOT NULL,
    words      text COLLATE "C" NOT NULL,
    contact    text COLLATE "C" NOT NULL,
    state      text COLLATE "C" NOT NULL,
    class      text COLLATE "C" NOT NULL,
    due        text COLLATE "C" NOT NULL,
    follow_up  text COLLATE "C" NOT NULL,
    filed_at   bigint NOT NULL,
    changed_at bigint NOT NULL,
    PRIMARY KEY (hall, id),
    UNIQUE (hall, n),
    UNIQUE (hall, code)
);

CREATE TABLE complaint_step (
    hall       text COLLATE "C" NOT NULL,
    complaint  text COLLATE "C" NOT NULL,
    n          bigint NOT NULL CHECK (n >= 1),
    at         bigint NOT NULL,
    actor      text COLLATE "C" NOT NULL,
    actor_name text COLLATE "C" NOT NULL,
    action     text COLLATE "C" NOT NULL,
    words      text COLLATE "C" NOT NULL,
    detail     text COLLATE "C" NOT NULL,
    PRIMARY KEY (hall, complaint, n)
);

CREATE TABLE complaint_named (
    hall      text COLLATE "C" NOT NULL,
    complaint text COLLATE "C" NOT NULL,
    what      text COLLATE "C" NOT NULL CHECK (what IN ('window', 'account')),
    name      text COLLATE "C" NOT NULL,
    PRIMARY KEY (hall, complaint, what, name)
);

CREATE TABLE complaint_opening (
    hall       text COLLATE "C" NOT NULL,
    complaint  text COLLATE "C" NOT NULL,
    n          bigint NOT NULL CHECK (n >= 1),
    at         bigint NOT NULL,
    actor      text COLLATE "C" NOT NULL,
    actor_name text COLLATE "C" NOT NULL,
    part       text COLLATE "C" NOT NULL,
    PRIMARY KEY (hall, complaint, n)
);
