"""One session's transcript as pages show it: read in windows, made into markup."""
