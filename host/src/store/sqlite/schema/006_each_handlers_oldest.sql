-- What waits at each handler, oldest first. A row that is leased as it is written, as most are, is never in it.
CREATE INDEX pending_waiting ON pending (handler_id, event_seq) WHERE leased = 0;
