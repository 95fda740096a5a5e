"""Canaries: secrets of every kind, planted everywhere, and then looked for everywhere else."""
