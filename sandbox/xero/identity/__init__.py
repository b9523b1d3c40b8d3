"""Signing in: apps, consent, tokens and connections."""
