-- The tables of 0004_staff.sqlite.sql, which explains them.

-- +goose Up
CREATE TABLE staff_account (
    hall          text COLLATE "C" NOT NULL,
    id            text COLLATE "C" NOT NULL, -- s1, s2 ...; what ledger and records name, never used again
    login         text COLLATE "C" NOT NULL,
    name          text COLLATE "C" NOT NULL,
    roles         text COLLATE "C" NOT NULL, -- clerk,manager
    windows       text COLLATE "C" NOT NULL, -- w1,w2; '' = every window
    password_hash text COLLATE "C" NOT NULL, -- argon2id, PHC string
    must_change   boolean NOT NULL,
    created_at    bigint NOT NULL,
    password_at   bigint NOT NULL,
    disabled_at   bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (hall, id),
    UNIQUE (hall, login)
);

CREATE TABLE staff_session (
    hall       text COLLATE "C" NOT NULL,
    token_hash bytea NOT NULL, -- SHA-256 of the token
    account    text COLLATE "C" NOT NULL,
    window_id  text COLLATE "C" NOT NULL, -- '' = at no window
    created_at bigint NOT NULL,
    ends_at    bigint NOT NULL, -- whatever happens
    used_at    bigint NOT NULL, -- to within some minutes
    expires_at bigint NOT NULL, -- unless it is used, at most ends_at
    seated_at  bigint NOT NULL, -- at window_id
    ended_at   bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (hall, token_hash)
);
CREATE INDEX staff_session_open ON staff_session (hall, window_id, expires_at) WHERE ended_at = 0;

CREATE TABLE staff_guard (
    hall         text COLLATE "C" NOT NULL,
    login        text COLLATE "C" NOT NULL, -- or what stands for the many that do not exist
    failures     bigint NOT NULL, -- tries since the last right password
    locked_until bigint NOT NULL,
    PRIMARY KEY (hall, login)
);

-- Who left a window to whom (AB岗). A row is written once; only who came is added.
CREATE TABLE staff_handover (
    hall         text COLLATE "C" NOT NULL,
    n            bigint NOT NULL, -- 1, 2, 3 ...
    window_id    text COLLATE "C" NOT NULL,
    from_account text COLLATE "C" NOT NULL,
    to_account   text COLLATE "C" NOT NULL, -- '' = the window was closed
    reason       text COLLATE "C" NOT NULL, -- stable word, such as meeting
    ticket       text COLLATE "C" NOT NULL, -- id of what was open at the window, or ''
    at           bigint NOT NULL,
    taken_by     text COLLATE "C" NOT NULL DEFAULT '', -- account that came
    taken_at     bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (hall, n)
);
CREATE INDEX staff_handover_at ON staff_handover (hall, at);
CREATE INDEX staff_handover_open ON staff_handover (hall, window_id) WHERE taken_at = 0;
