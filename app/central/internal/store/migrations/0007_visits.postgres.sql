-- The table of 0007_visits.sqlite.sql, which explains it.

-- +goose Up
CREATE TABLE visit_result (
    hall      text COLLATE "C" NOT NULL,
    n         bigint NOT NULL, -- 1, 2, 3 ...
    ticket    text COLLATE "C" NOT NULL,
    label     text COLLATE "C" NOT NULL,
    business  text COLLATE "C" NOT NULL,
    guide     text COLLATE "C" NOT NULL, -- id of the guide the missing materials are from, or ''
    at        bigint NOT NULL,
    window_id text COLLATE "C" NOT NULL,
    account   text COLLATE "C" NOT NULL, -- of staff
    kind      text COLLATE "C" NOT NULL, -- stable word, such as supplement
    due       text COLLATE "C" NOT NULL, -- 2026-11-30, or ''
    reason    bigint NOT NULL, -- why it was returned, 1 to 3; 0 = it was not
    words     text COLLATE "C" NOT NULL,
    units     text COLLATE "C" NOT NULL, -- a line each
    missing   text COLLATE "C" NOT NULL, -- a line each
    again     text COLLATE "C" NOT NULL, -- why there is a result after another one of the ticket
    PRIMARY KEY (hall, n)
);
CREATE INDEX visit_result_ticket ON visit_result (hall, ticket);
