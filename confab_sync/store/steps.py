"""The store's tables, in the steps by which they came to be."""

from __future__ import annotations

VERSION_1 = (
    """
    CREATE TABLE sessions (
        id INTEGER PRIMARY KEY,
        uuid TEXT NOT NULL UNIQUE,
        provider TEXT NOT NULL,
        external_id TEXT NOT NULL,
        transcript_path TEXT NOT NULL,
        cwd TEXT,
        hostname TEXT,
        username TEXT,
        git_info TEXT,           -- JSON
        summary TEXT,
        first_user_message TEXT,
        first_seen TEXT NOT NULL,
        last_sync_at TEXT NOT NULL,
        last_message_at TEXT,
        UNIQUE (provider, external_id)
    )
    """,
    """
    CREATE TABLE files (         -- one row for each generation of a file
        id INTEGER PRIMARY KEY,
        session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        generation INTEGER NOT NULL,
        type TEXT NOT NULL,
        lines INTEGER NOT NULL DEFAULT 0,
        bytes INTEGER NOT NULL DEFAULT 0,
        source_bytes INTEGER NOT NULL DEFAULT 0,
        open_end INTEGER NOT NULL DEFAULT 0,
        updated_at TEXT NOT NULL,
        UNIQUE (session_id, name, generation)
    )
    """,
    """
    CREATE VIEW newest_files AS
        SELECT * FROM files AS f WHERE generation = (
            SELECT MAX(generation) FROM files AS g
            WHERE g.session_id = f.session_id AND g.name = f.name)
    """,
    """
    CREATE TABLE chunks (        -- a file's bytes are its rows' bytes, joined in order
        id INTEGER PRIMARY KEY,
        file_id INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE,
        start INTEGER NOT NULL,  -- where in the file the row's bytes begin
        size INTEGER NOT NULL,   -- bytes before compression
        first_line INTEGER NOT NULL,  -- the line (1-based) that the first of them belongs to
        newlines INTEGER NOT NULL,    -- how many lines end in the row
        digest BLOB NOT NULL,    -- BLAKE2b of the bytes before compression
        data BLOB NOT NULL,      -- one zstd frame
        UNIQUE (file_id, start)
    )
    """,
    """
    CREATE TABLE side_files (
        id INTEGER PRIMARY KEY,
        session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        size INTEGER NOT NULL,
        mtime_ns INTEGER NOT NULL,
        digest BLOB NOT NULL,
        data BLOB NOT NULL,
        updated_at TEXT NOT NULL,
        UNIQUE (session_id, name)
    )
    """,
    """
    CREATE TABLE events (
        id INTEGER PRIMARY KEY,
        session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
        type TEXT NOT NULL,
        timestamp TEXT NOT NULL,
        payload TEXT,            -- JSON
        received_at TEXT NOT NULL
    )
    """,
    "CREATE INDEX events_by_session ON events (session_id)",
)

VERSION_2 = (
    """
    CREATE TABLE users (
        id INTEGER PRIMARY KEY,
        email TEXT NOT NULL UNIQUE COLLATE NOCASE,
        name TEXT,
        state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'read_only', 'disabled')),
        created_at TEXT NOT NULL
    )
    """,
    """
    INSERT INTO users (id, email, created_at)
        VALUES (1, 'owner@localhost', strftime('%Y-%m-%dT%H:%M:%f000+00:00', 'now'))
    """,
    """
    CREATE TABLE api_keys (      -- of the keys themselves nothing is kept
        id INTEGER PRIMARY KEY,
        user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        hash TEXT NOT NULL UNIQUE,  -- SHA-256 in hex
        created_at TEXT NOT NULL,
        last_used_at TEXT,
        revoked_at TEXT
    )
    """,
    "CREATE UNIQUE INDEX living_keys ON api_keys (user_id, name) WHERE revoked_at IS NULL",
    """
    CREATE TABLE device_codes (
        hash TEXT PRIMARY KEY,   -- SHA-256 of the device code in hex
        user_code TEXT NOT NULL UNIQUE,
        key_name TEXT NOT NULL,
        user_id INTEGER REFERENCES users (id) ON DELETE CASCADE,  -- who approved it
        expires_at TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE sign_ins (      -- one-time links, and the cookies they were exchanged for
        hash TEXT PRIMARY KEY,   -- SHA-256 in hex
        kind TEXT NOT NULL CHECK (kind IN ('link', 'cookie')),
        user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        expires_at TEXT NOT NULL
    )
    """,
    # SQLite cannot change what is unique, so the table is made anew (lang_altertable.html, 7).
    """
    CREATE TABLE new_sessions (
        id INTEGER PRIMARY KEY,
        uuid TEXT NOT NULL UNIQUE,
        user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        provider TEXT NOT NULL,
        external_id TEXT NOT NULL,
        transcript_path TEXT NOT NULL,
        cwd TEXT,
        hostname TEXT,
        username TEXT,
        git_info TEXT,           -- JSON
        summary TEXT,
        first_user_message TEXT,
        first_seen TEXT NOT NULL,
        last_sync_at TEXT NOT NULL,
        last_message_at TEXT,
        live TEXT,               -- JSON: what the client's daemon last said of itself
        live_at TEXT,
        UNIQUE (user_id, provider, external_id)
    )
    """,
    """
    INSERT INTO new_sessions
        SELECT id, uuid, 1, provider, external_id, transcript_path, cwd, hostname, username,
            git_info, summary, first_user_message, first_seen, last_sync_at, last_message_at,
            NULL, NULL
        FROM sessions
    """,
    "DROP TABLE sessions",
    "ALTER TABLE new_sessions RENAME TO sessions",
    "ALTER TABLE files ADD COLUMN chunks INTEGER NOT NULL DEFAULT 0",  # that came over HTTP
    """
    CREATE TABLE github_links (
        id INTEGER PRIMARY KEY,
        session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
        type TEXT NOT NULL,
        url TEXT NOT NULL,
        owner TEXT NOT NULL,
        repo TEXT NOT NULL,
        ref TEXT NOT NULL,
        title TEXT,
        source TEXT NOT NULL,
        created_at TEXT NOT NULL,
        UNIQUE (session_id, type, owner, repo, ref)
    )
    """,
)
