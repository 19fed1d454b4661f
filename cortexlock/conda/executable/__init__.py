"""The embedded conda executable: it answers the calls that conda-lock makes, and installs nothing."""
