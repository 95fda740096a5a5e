"""What to send next, and how far everything is acknowledged."""
