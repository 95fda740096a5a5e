"""What `confab doctor` looks at, one module for each theme."""
