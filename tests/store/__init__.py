"""The promises of the embedded store."""
