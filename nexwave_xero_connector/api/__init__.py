"""What buttons call: whitelisted, and checked by permissions.py."""
