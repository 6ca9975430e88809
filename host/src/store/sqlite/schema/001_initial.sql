-- The first schema. Times are integer milliseconds since 1970. Sources and types stand in `name`
-- once, since a million events share a few; ids stand beside the event, in arrival order.

CREATE TABLE name (
    id   INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE handler (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- What exactly made a result: the handler's module and the engine that ran it.
CREATE TABLE module (
    id         INTEGER PRIMARY KEY,
    handler_id INTEGER NOT NULL REFERENCES handler (id),
    sha256     BLOB NOT NULL CHECK (length(sha256) = 32),
    engine     TEXT NOT NULL,
    UNIQUE (handler_id, sha256, engine)
) STRICT;

CREATE TABLE event (
    seq            INTEGER PRIMARY KEY,
    source_id      INTEGER NOT NULL REFERENCES name (id),
    id             TEXT NOT NULL,
    type_id        INTEGER NOT NULL REFERENCES name (id),
    hops           INTEGER NOT NULL CHECK (hops >= 0),
    parent_seq     INTEGER, -- the event whose handler emitted this one
    accepted_at_ms INTEGER NOT NULL,
    json           TEXT NOT NULL
) STRICT;

-- Numbers up to this one were given; kept when the newest events are dropped, so that none is given
-- twice. One row.
CREATE TABLE event_seq_given (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    seq INTEGER NOT NULL
) STRICT;
INSERT INTO event_seq_given VALUES (1, 0);

-- An event is stored once: this is the dedup record.
CREATE UNIQUE INDEX event_identity ON event (source_id, id);

-- The hot table: one small row for each event and handler still to be settled.
CREATE TABLE pending (
    event_seq  INTEGER NOT NULL REFERENCES event (seq),
    handler_id INTEGER NOT NULL REFERENCES handler (id),
    leased     INTEGER NOT NULL CHECK (leased IN (0, 1)),
    attempts   INTEGER NOT NULL CHECK (attempts >= leased),
    failures   INTEGER NOT NULL CHECK (failures >= 0),
    deferrals  INTEGER NOT NULL CHECK (deferrals >= 0),
    losses     INTEGER NOT NULL CHECK (losses >= 0),
    due_at_ms  INTEGER NOT NULL CHECK (due_at_ms >= 0), -- 0: at once
    PRIMARY KEY (event_seq, handler_id),
    CHECK (failures + deferrals + losses <= attempts)
) STRICT, WITHOUT ROWID;

CREATE INDEX pending_due ON pending (handler_id, due_at_ms) WHERE due_at_ms > 0;
CREATE INDEX pending_suspect ON pending (handler_id, event_seq) WHERE losses > 1;

-- How an event ended for a handler, with the figures of the last attempt.
CREATE TABLE outcome (
    event_seq         INTEGER NOT NULL REFERENCES event (seq),
    handler_id        INTEGER NOT NULL REFERENCES handler (id),
    module_id         INTEGER NOT NULL REFERENCES module (id),
    dead              INTEGER NOT NULL CHECK (dead IN (0, 1)),
    attempts          INTEGER NOT NULL CHECK (attempts >= 1),
    fuel              INTEGER NOT NULL,
    peak_memory_bytes INTEGER NOT NULL,
    duration_us       INTEGER NOT NULL,
    finished_at_ms    INTEGER NOT NULL,
    error             TEXT,
    output            ANY, -- TEXT: JSON; BLOB: bytes; NULL: none
    PRIMARY KEY (event_seq, handler_id),
    CHECK ((error IS NOT NULL) = dead)
) STRICT, WITHOUT ROWID;

CREATE INDEX outcome_dead ON outcome (handler_id, event_seq) WHERE dead = 1;

-- Attempts with something to tell: all that did not end `ok`, and those that wrote logs. An attempt
-- that ended `ok` in silence is wholly in `outcome`.
CREATE TABLE attempt (
    event_seq         INTEGER NOT NULL REFERENCES event (seq),
    handler_id        INTEGER NOT NULL REFERENCES handler (id),
    number            INTEGER NOT NULL CHECK (number >= 1),
    module_id         INTEGER NOT NULL REFERENCES module (id),
    verdict           TEXT NOT NULL,
    message           TEXT,
    backtrace         TEXT,
    logs              TEXT, -- JSON: [["info", "text"], ...]
    fuel              INTEGER NOT NULL,
    peak_memory_bytes INTEGER NOT NULL,
    duration_us       INTEGER NOT NULL,
    finished_at_ms    INTEGER NOT NULL,
    PRIMARY KEY (event_seq, handler_id, number)
) STRICT, WITHOUT ROWID;

-- Lines that are no events.
CREATE TABLE rejected (
    seq            INTEGER PRIMARY KEY,
    file           TEXT NOT NULL,
    line           INTEGER NOT NULL CHECK (line >= 1),
    reason         TEXT NOT NULL,
    bytes          BLOB NOT NULL,
    rejected_at_ms INTEGER NOT NULL
) STRICT;

-- What people write SQL against: docs/results.md documents it, and its columns stay.
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
