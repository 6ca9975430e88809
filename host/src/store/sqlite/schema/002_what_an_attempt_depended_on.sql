-- What an attempt depended on beside its event: the limits it ran under and the module's bytes, so that
-- it can be run again. And what it emitted, so that a second run can be compared.

-- A view is in the way of a table that changes its name.
DROP VIEW results;

-- Limits are a part of what makes a result, so they are a part of the module's identity.
CREATE TABLE module_with_limits (
    id         INTEGER PRIMARY KEY,
    handler_id INTEGER NOT NULL REFERENCES handler (id),
    sha256     BLOB NOT NULL CHECK (length(sha256) = 32),
    engine     TEXT NOT NULL,
    limits     TEXT, -- JSON; NULL: recorded before limits were kept
    UNIQUE (handler_id, sha256, engine, limits)
) STRICT;
INSERT INTO module_with_limits (id, handler_id, sha256, engine)
SELECT id, handler_id, sha256, engine FROM module;
DROP TABLE module;
ALTER TABLE module_with_limits RENAME TO module;

-- Each module once, as it was given: a binary, or .wat text.
CREATE TABLE module_bytes (
    sha256 BLOB PRIMARY KEY CHECK (length(sha256) = 32),
    bytes  BLOB NOT NULL
) STRICT;

-- A row for each settlement that emitted events. The hash stays when the events are dropped.
CREATE TABLE emitted (
    event_seq  INTEGER NOT NULL REFERENCES event (seq),
    handler_id INTEGER NOT NULL REFERENCES handler (id),
    events     INTEGER NOT NULL CHECK (events >= 1),
    sha256     BLOB NOT NULL CHECK (length(sha256) = 32), -- of all, in order
    first_seq  INTEGER NOT NULL, -- those that were new to the store have numbers in a row from here
    PRIMARY KEY (event_seq, handler_id)
) STRICT, WITHOUT ROWID;

-- As before.
CREATE VIEW results AS
SELECT
    event.id                                                        AS event_id,
    source.text                                                     AS source,
    type.text                                                       AS type,
    handler.name                                                    AS handler,
    lower(hex(module.sha256))                                       AS handler_sha256,
    CASE outcome.dead WHEN 1 THEN 'dead' ELSE 'ok' END              AS status,
    outcome.output                                                  AS output,
    outcome.error                                                   AS error,
    outcome.attempts                                                AS attempts,
    outcome.fuel                                                    AS fuel,
    outcome.peak_memory_bytes                                       AS peak_memory_bytes,
    outcome.duration_us                                             AS duration_us,
    strftime('%Y-%m-%dT%H:%M:%fZ', outcome.finished_at_ms / 1000.0, 'unixepoch') AS finished_at
FROM outcome
JOIN event ON event.seq = outcome.event_seq
JOIN name AS source ON source.id = event.source_id
JOIN name AS type ON type.id = event.type_id
JOIN handler ON handler.id = outcome.handler_id
JOIN module ON module.id = outcome.module_id;
