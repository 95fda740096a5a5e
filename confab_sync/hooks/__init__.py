"""What Claude Code calls: processes of milliseconds on the standard library only."""
