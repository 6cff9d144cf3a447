-- The columns of 0012_presses.sqlite.sql, which explains them.

-- +goose Up
ALTER TABLE window_session ADD COLUMN press bigint NOT NULL DEFAULT 0;
ALTER TABLE window_session ADD COLUMN press_ticket text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE window_session ADD COLUMN press_refused bigint NOT NULL DEFAULT 0;
