-- The changes of 0013_holders.sqlite.sql, which explains them. Not by jsonb: it refuses
-- texts that JSON allows.

-- +goose Up
DROP INDEX holder_day;
UPDATE event SET body = regexp_replace(body, '"holder"\s*:\s*\{[^{}]*\}', '"holder":null', 'g')
    WHERE kind = 'ticket-taken' AND position('"holder"' in body) > 0;
