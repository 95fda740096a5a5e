"""Masking secrets in what leaves the process, without touching anything else."""
