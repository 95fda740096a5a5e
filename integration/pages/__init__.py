"""The pages of `confab serve` in a real browser."""
