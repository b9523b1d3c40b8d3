"""What the desk's buttons call: whitelisted methods, whose permissions permissions.py checks."""
