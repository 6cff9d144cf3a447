-- The last press of a session's 叫号 and what came of it, so that one the network
-- delivers again or late calls nobody (queue/press.go).

-- +goose Up
ALTER TABLE window_session ADD COLUMN press INTEGER NOT NULL DEFAULT 0;
ALTER TABLE window_session ADD COLUMN press_ticket TEXT NOT NULL DEFAULT ''; -- '' = nobody was called
ALTER TABLE window_session ADD COLUMN press_refused INTEGER NOT NULL DEFAULT 0;
