"""Who owns a session now: lock, state, inbox, markers, spawning."""
