-- Requests that attempts sent and what came back, so that an attempt can be run again without sending them
-- again. Secrets are taken out before.

CREATE TABLE exchange (
    event_seq        INTEGER NOT NULL REFERENCES event (seq),
    handler_id       INTEGER NOT NULL REFERENCES handler (id),
    attempt          INTEGER NOT NULL CHECK (attempt >= 1),
    place            INTEGER NOT NULL CHECK (place >= 1), -- in the order of the requests
    method           TEXT NOT NULL,
    url              TEXT NOT NULL,
    request_headers  TEXT NOT NULL, -- JSON: [["name", "value"], ...]
    request_body     BLOB NOT NULL,
    status           INTEGER,
    response_headers TEXT,
    response_body    BLOB,
    error            TEXT, -- a code, where there is no response
    error_message    TEXT,
    PRIMARY KEY (event_seq, handler_id, attempt, place),
    CHECK ((status IS NULL) = (error IS NOT NULL))
) STRICT;

-- What people write SQL against: docs/results.md documents it, and its columns stay.
CREATE VIEW exchanges AS
SELECT
    event.id                  AS event_id,
    source.text               AS source,
    handler.name              AS handler,
    exchange.attempt          AS attempt,
    exchange.place            AS place,
    exchange.method           AS method,
    exchange.url              AS url,
    exchange.request_headers  AS request_headers,
    exchange.request_body     AS request_body,
    exchange.status           AS status,
    exchange.response_headers AS response_headers,
    exchange.response_body    AS response_body,
    exchange.error            AS error,
    exchange.error_message    AS error_message
FROM exchange
JOIN event ON event.seq = exchange.event_seq
JOIN name AS source ON source.id = event.source_id
JOIN handler ON handler.id = exchange.handler_id;
