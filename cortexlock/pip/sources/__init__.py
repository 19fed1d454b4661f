"""Source trees: sdists, directories and git repositories, their metadata and their builds."""
