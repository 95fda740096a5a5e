"""The step by which the store came to remember which sessions were deleted from it."""

from __future__ import annotations

from typing import Final

# Whoever deletes, by whatever way. The id says nothing of the session, and no other has it.
VERSION_5: Final = (
    "CREATE TABLE deleted_sessions (uuid TEXT PRIMARY KEY) WITHOUT ROWID",
    """
    CREATE TRIGGER deleted_session AFTER DELETE ON sessions BEGIN
        INSERT OR IGNORE INTO deleted_sessions VALUES (OLD.uuid);
    END
    """,
)
