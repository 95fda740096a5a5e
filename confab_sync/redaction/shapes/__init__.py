"""The shapes of secrets that are known, by what the one who issues them does."""
