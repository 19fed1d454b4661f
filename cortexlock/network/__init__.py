"""What conda and pip have in common on the network: URLs, one session with retries, answers within bounds."""
