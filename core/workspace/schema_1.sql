-- What does the state store hold? One log in which every change of anything is a row, and one row for the health check.
CREATE TABLE log (
    seq     INTEGER PRIMARY KEY,  -- 1, 2, 3 … without a gap
    kind    TEXT NOT NULL,        -- scenario, ballot …
    scope   TEXT NOT NULL,        -- what it belongs to: the digest of a book, a workshop
    id      TEXT NOT NULL,
    version INTEGER NOT NULL,     -- 1, 2, 3 … for each kind and id
    action  TEXT NOT NULL,        -- saved, renamed, deleted …
    title   TEXT NOT NULL,        -- its name for people
    author  TEXT NOT NULL,
    time    TEXT NOT NULL,        -- ISO 8601, UTC
    nonce   TEXT NOT NULL UNIQUE, -- the same nonce twice is one write
    body    TEXT,                 -- JSON; NULL: deleted
    before  TEXT NOT NULL,        -- the seal of the row before
    seal    TEXT NOT NULL         -- SHA-256 of everything in the row
) STRICT;

CREATE TRIGGER log_is_never_changed BEFORE UPDATE ON log
BEGIN
    SELECT raise(ABORT, 'the log is append-only');
END;

CREATE TRIGGER log_is_never_shortened BEFORE DELETE ON log
BEGIN
    SELECT raise(ABORT, 'the log is append-only');
END;

CREATE TABLE ping (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    token TEXT NOT NULL
) STRICT;

PRAGMA user_version = 1;
