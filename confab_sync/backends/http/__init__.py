"""The HTTP backend: any server that speaks the confab-web API."""
