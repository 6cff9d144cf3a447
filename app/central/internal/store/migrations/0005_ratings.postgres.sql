-- The tables of 0005_ratings.sqlite.sql, which explains them.

-- +goose Up
CREATE TABLE rating (
    hall        text COLLATE "C" NOT NULL,
    ticket      text COLLATE "C" NOT NULL,
    n           bigint NOT NULL CHECK (n IN (0, 1, 2)),
    id          text COLLATE "C" NOT NULL,
    level       text COLLATE "C" NOT NULL CHECK (level IN ('very-satisfied', 'satisfied', 'basically-satisfied', 'dissatisfied', 'very-dissatisfied')),
    version     text COLLATE "C" NOT NULL,
    reasons     text COLLATE "C" NOT NULL,
    words       text COLLATE "C" NOT NULL,
    anonymous   boolean NOT NULL,
    channel     text COLLATE "C" NOT NULL CHECK (channel IN ('terminal', 'code', '')),
    business    text COLLATE "C" NOT NULL,
    window_id   text COLLATE "C" NOT NULL,
    day         text COLLATE "C" NOT NULL,
    served_at   bigint NOT NULL,
    at          bigint NOT NULL,
    device      bytea NOT NULL,
    fingerprint bytea NOT NULL,
    burst       boolean NOT NULL,
    PRIMARY KEY (hall, ticket, n),
    UNIQUE (hall, id),
    CHECK (at >= served_at)
);
CREATE INDEX rating_day ON rating (hall, day);
CREATE INDEX rating_device ON rating (hall, device, at) WHERE device <> ''::bytea;

-- +goose StatementBegin
CREATE FUNCTION rating_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is kept as it is', TG_TABLE_NAME;
END;
$$;
-- +goose StatementEnd
CREATE TRIGGER rating_stays BEFORE UPDATE OF hall, ticket, n, id, level, version, reasons, words, anonymous, channel, business, window_id, day, served_at, at ON rating
    FOR EACH STATEMENT EXECUTE FUNCTION rating_is_kept();
CREATE TRIGGER rating_no_delete BEFORE DELETE OR TRUNCATE ON rating
    FOR EACH STATEMENT EXECUTE FUNCTION rating_is_kept();

CREATE TABLE rating_code (
    hall   text COLLATE "C" NOT NULL,
    ticket text COLLATE "C" NOT NULL,
    nonce  bytea NOT NULL,
    n      bigint NOT NULL,
    at     bigint NOT NULL,
    PRIMARY KEY (hall, ticket, nonce)
);

CREATE TABLE rating_task (
    hall      text COLLATE "C" NOT NULL,
    id        text COLLATE "C" NOT NULL,
    ticket    text COLLATE "C" NOT NULL,
    n         bigint NOT NULL,
    state     text COLLATE "C" NOT NULL CHECK (state IN ('open', 'handling', 'review', 'closed')),
    opened_at bigint NOT NULL,
    half_at   bigint NOT NULL,
    late_at   bigint NOT NULL,
    due_at    bigint NOT NULL,
    reminded  bigint NOT NULL,
    handler   text COLLATE "C" NOT NULL,
    reviewer  text COLLATE "C" NOT NULL,
    verdict   text COLLATE "C" NOT NULL,
    answer    text COLLATE "C" NOT NULL,
    closed_at bigint NOT NULL,
    PRIMARY KEY (hall, id),
    UNIQUE (hall, ticket, n),
    CHECK (state <> 'closed' OR (handler <> '' AND reviewer <> '' AND handler <> reviewer AND closed_at > 0))
);
CREATE INDEX rating_task_open ON rating_task (hall, due_at) WHERE state <> 'closed';

CREATE TABLE rating_step (
    hall    text COLLATE "C" NOT NULL,
    task    text COLLATE "C" NOT NULL,
    n       bigint NOT NULL,
    at      bigint NOT NULL,
    actor   text COLLATE "C" NOT NULL,
    action  text COLLATE "C" NOT NULL,
    verdict text COLLATE "C" NOT NULL,
    text    text COLLATE "C" NOT NULL,
    PRIMARY KEY (hall, task, n)
);
CREATE TRIGGER rating_step_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON rating_step
    FOR EACH STATEMENT EXECUTE FUNCTION rating_is_kept();
