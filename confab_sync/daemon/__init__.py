"""One session's background process."""
