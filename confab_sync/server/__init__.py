"""`confab serve`: the store over HTTP, for the confab clients of several machines and people."""
