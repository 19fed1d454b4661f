"""Images as archives and directories: read in place, with nothing of them extracted or run."""
