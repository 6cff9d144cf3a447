-- Who held a ticket is erased when its business day is over, and events are kept
-- without it from now on. What is there of either goes; that of table holder with the
-- next business day. After that a hall's holders are those of a day, found without an
-- index of days.

-- +goose Up
DROP INDEX holder_day;
UPDATE event SET body = json_remove(body, '$.ticket.holder')
    WHERE kind = 'ticket-taken' AND instr(body, '"holder"') > 0 AND json_valid(body);
