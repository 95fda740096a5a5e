"""The steps by which the store learned to list ten thousand sessions at once.

What a list is narrowed and ordered by lies in short rows of its own: reading a session's own
row means reading its first message, too. Triggers keep them, so that nobody can forget to; only
the branch is kept by `sessions`: no function that reads JSON is trusted in a trigger.
"""

from __future__ import annotations

_BRANCH = (
    "CASE WHEN json_valid(git_info) THEN CASE WHEN json_type(git_info, '$.branch') = 'text'"
    " THEN json_extract(git_info, '$.branch') END END"
)
_MOMENT = "COALESCE({0}.last_message_at, {0}.first_seen)"
_EXTENT = (
    "SELECT COUNT(*), COALESCE(SUM(lines), 0), COALESCE(SUM(bytes), 0),"
    " CASE WHEN COUNT(masked) = COUNT(*) THEN COALESCE(SUM(masked), 0) END"
    " FROM newest_files WHERE session_id = {0}"
)

VERSION_3 = (
    # Marks of masked secrets; NULL in what was stored before they were counted.
    "ALTER TABLE files ADD COLUMN masked INTEGER",
    """
    CREATE TABLE listed (
        session_id INTEGER PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
        user_id INTEGER NOT NULL,
        moment TEXT NOT NULL,        -- of the newest message, else of the first sync
        first_seen TEXT NOT NULL,
        last_sync_at TEXT NOT NULL,
        ended_at TEXT,               -- when the session's last end was received
        cwd TEXT,
        hostname TEXT,
        username TEXT,
        branch TEXT,
        files INTEGER NOT NULL DEFAULT 0,  -- these four count the newest generations
        lines INTEGER NOT NULL DEFAULT 0,
        bytes INTEGER NOT NULL DEFAULT 0,
        masked INTEGER DEFAULT 0
    )
    """,
    "CREATE INDEX listed_by_moment ON listed (user_id, moment, session_id)",
    f"""
    INSERT INTO listed (session_id, user_id, moment, first_seen, last_sync_at, ended_at, cwd,
            hostname, username, branch)
        SELECT id, user_id, {_MOMENT.format("s")}, first_seen, last_sync_at,
            (SELECT MAX(received_at) FROM events AS e
                WHERE e.session_id = s.id AND e.type = 'session_end'),
            cwd, hostname, username, {_BRANCH}
        FROM sessions AS s
    """,
    f"""
    UPDATE listed SET (files, lines, bytes, masked) = ({_EXTENT.format("listed.session_id")})
    """,
    f"""
    CREATE TRIGGER listed_session AFTER INSERT ON sessions BEGIN
        INSERT INTO listed (session_id, user_id, moment, first_seen, last_sync_at, cwd, hostname,
                username)
            VALUES (NEW.id, NEW.user_id, {_MOMENT.format("NEW")}, NEW.first_seen,
                NEW.last_sync_at, NEW.cwd, NEW.hostname, NEW.username);
    END
    """,
    f"""
    CREATE TRIGGER listed_session_changed AFTER UPDATE OF
            first_seen, last_sync_at, last_message_at, cwd, hostname, username
            ON sessions BEGIN
        UPDATE listed SET moment = {_MOMENT.format("NEW")}, first_seen = NEW.first_seen,
                last_sync_at = NEW.last_sync_at, cwd = NEW.cwd, hostname = NEW.hostname,
                username = NEW.username
            WHERE session_id = NEW.id;
    END
    """,
    f"""
    CREATE TRIGGER listed_file AFTER INSERT ON files BEGIN
        UPDATE listed SET (files, lines, bytes, masked) = ({_EXTENT.format("NEW.session_id")})
            WHERE session_id = NEW.session_id;
    END
    """,
    """
    CREATE TRIGGER listed_file_grown AFTER UPDATE OF lines, bytes, masked ON files BEGIN
        UPDATE listed SET lines = lines + NEW.lines - OLD.lines,
                bytes = bytes + NEW.bytes - OLD.bytes, masked = masked + NEW.masked - OLD.masked
            WHERE session_id = NEW.session_id;
    END
    """,
    """
    CREATE TRIGGER listed_end AFTER INSERT ON events WHEN NEW.type = 'session_end' BEGIN
        UPDATE listed SET ended_at = NEW.received_at WHERE session_id = NEW.session_id;
    END
    """,
)

VERSION_4 = (
    # Counted anew for each new file, all files of a session cost the square of their number.
    "DROP TRIGGER listed_file",
    """
    CREATE TRIGGER listed_file AFTER INSERT ON files WHEN NEW.generation = 1 BEGIN
        UPDATE listed SET files = files + 1, lines = lines + NEW.lines,
                bytes = bytes + NEW.bytes, masked = masked + NEW.masked
            WHERE session_id = NEW.session_id;
    END
    """,
    f"""
    CREATE TRIGGER listed_generation AFTER INSERT ON files WHEN NEW.generation > 1 BEGIN
        UPDATE listed SET (files, lines, bytes, masked) = ({_EXTENT.format("NEW.session_id")})
            WHERE session_id = NEW.session_id;
    END
    """,
)
