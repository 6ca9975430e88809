-- What a handler was granted beside its events decides what its attempts do, so it is a part of the module's
-- identity.

-- A view is in the way of a table that changes its name.
DROP VIEW results;

CREATE TABLE module_with_grants (
    id         INTEGER PRIMARY KEY,
    handler_id INTEGER NOT NULL REFERENCES handler (id),
    sha256     BLOB NOT NULL CHECK (length(sha256) = 32),
    engine     TEXT NOT NULL,
    limits     TEXT, -- JSON; NULL: recorded before limits were kept
    grants     TEXT NOT NULL, -- JSON; of secrets the names alone
    UNIQUE (handler_id, sha256, engine, limits, grants)
) STRICT;
-- Before there were grants, nothing was granted.
INSERT INTO module_with_grants (id, handler_id, sha256, engine, limits, grants)
SELECT id, handler_id, sha256, engine, limits, '{}' FROM module;
DROP TABLE module;
ALTER TABLE module_with_grants RENAME TO module;

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
