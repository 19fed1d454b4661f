"""Everything that knows conda: the solve through conda-lock, the embedded executable, the replay of archives."""
