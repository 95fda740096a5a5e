"""The embedded store: every session's files in one SQLite database, opened in process."""
