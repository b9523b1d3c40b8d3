"""Invoices, and what they are mapped by, read in bulk for the mapping."""
