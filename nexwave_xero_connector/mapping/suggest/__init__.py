"""Suggestions for a company's mapping."""
