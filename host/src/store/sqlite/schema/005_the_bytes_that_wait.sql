-- How much waits, in bytes of the events' JSON, known without a look at the events.

ALTER TABLE pending ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0 CHECK (bytes >= 0);
UPDATE pending SET bytes = (SELECT octet_length(json) FROM event WHERE event.seq = pending.event_seq);
