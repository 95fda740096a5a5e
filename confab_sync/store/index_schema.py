"""The tables of the search index, which can be made anew from the store at any time."""

from __future__ import annotations

# Without content of its own: the passages have it, and give it back for deleting.
WORDS = """
    CREATE VIRTUAL TABLE words USING fts5 (
        text, content = '', tokenize = 'unicode61 remove_diacritics 2'
    )
"""

MIGRATIONS = (
    (
        """
        CREATE TABLE files (         -- how far each file of the store is indexed
            id INTEGER PRIMARY KEY,
            session TEXT NOT NULL,   -- the store's id of the session
            name TEXT NOT NULL,
            generation INTEGER NOT NULL,
            lines INTEGER NOT NULL DEFAULT 0,
            bytes INTEGER NOT NULL DEFAULT 0,
            is_open INTEGER NOT NULL DEFAULT 0,  -- whether the last line had no newline yet
            UNIQUE (session, name)
        )
        """,
        """
        CREATE TABLE passages (
            id INTEGER PRIMARY KEY,
            file INTEGER NOT NULL REFERENCES files (id),
            line INTEGER NOT NULL,   -- 1-based
            role TEXT NOT NULL,
            moment TEXT,             -- RFC 3339
            text BLOB NOT NULL       -- one zstd frame
        )
        """,
        "CREATE INDEX passages_by_file ON passages (file)",
        """
        CREATE TABLE facts (         -- what would be slow to work out again
            key TEXT PRIMARY KEY,    -- the session or file that the fact is about
            generation INTEGER NOT NULL,
            bytes INTEGER NOT NULL,  -- how much of it was taken into account
            fact TEXT NOT NULL
        ) WITHOUT ROWID
        """,
        WORDS,
    ),
)
"""One tuple of statements per version; a version that was released is never edited."""
