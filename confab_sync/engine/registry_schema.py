"""The tables of the registry, version by version."""

TABLES = ("sessions", "files", "acknowledged", "events", "masked", "ends")

MIGRATIONS = (
    (
        """
        CREATE TABLE sessions (
            id INTEGER PRIMARY KEY,
            provider TEXT NOT NULL,
            external_id TEXT NOT NULL,
            transcript_path TEXT NOT NULL,
            cwd TEXT NOT NULL,
            first_seen TEXT NOT NULL,
            last_seen TEXT NOT NULL,
            backend TEXT NOT NULL DEFAULT '',
            backend_session_id TEXT NOT NULL DEFAULT '',
            finished INTEGER NOT NULL DEFAULT 0,
            last_error TEXT NOT NULL DEFAULT '',
            UNIQUE (provider, external_id)
        ) STRICT
        """,
        """
        CREATE TABLE files (
            id INTEGER PRIMARY KEY,
            session INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
            name TEXT NOT NULL,
            kind TEXT NOT NULL,
            lines INTEGER NOT NULL,
            offset INTEGER NOT NULL,
            open_end INTEGER NOT NULL,
            head_length INTEGER NOT NULL,
            head BLOB NOT NULL,
            tail_length INTEGER NOT NULL,
            tail BLOB NOT NULL,
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL,
            note TEXT NOT NULL DEFAULT '',
            UNIQUE (session, name)
        ) STRICT
        """,
        """
        CREATE TABLE acknowledged (
            file INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE,
            start INTEGER NOT NULL,
            stop INTEGER NOT NULL,
            digest BLOB NOT NULL,
            PRIMARY KEY (file, start)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE events (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            at TEXT NOT NULL,
            provider TEXT NOT NULL,
            external_id TEXT NOT NULL,
            event TEXT NOT NULL,
            detail TEXT NOT NULL DEFAULT ''
        ) STRICT
        """,
    ),
    (
        "ALTER TABLE files ADD COLUMN replaced INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE files ADD COLUMN repaired INTEGER NOT NULL DEFAULT 0",
    ),
    (
        """
        CREATE TABLE masked (
            session INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
            type TEXT NOT NULL,
            count INTEGER NOT NULL,
            PRIMARY KEY (session, type)
        ) STRICT, WITHOUT ROWID
        """,
    ),
    (
        """
        CREATE TABLE ends (
            session INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
            timestamp TEXT NOT NULL,
            payload TEXT NOT NULL,
            told INTEGER NOT NULL,
            PRIMARY KEY (session, timestamp)
        ) STRICT, WITHOUT ROWID
        """,
    ),
)
"""One tuple of statements per version; a version that was released is never edited."""
