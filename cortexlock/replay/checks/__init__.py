"""What must hold before a replay touches anything."""
