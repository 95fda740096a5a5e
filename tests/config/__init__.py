"""The promises of config.json."""
