"""The tests of confab, laid out as the package is."""
