-- Several handlers: an event goes to each whose filter it matches, and a handler can be paused.

-- Events that matched no handler's filter. They are kept; one that comes again and matches then is queued
-- and leaves this table.
CREATE TABLE unmatched (
    event_seq INTEGER PRIMARY KEY REFERENCES event (seq)
) STRICT;

-- The events of a paused handler are accepted and wait.
ALTER TABLE handler ADD COLUMN paused INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1));
