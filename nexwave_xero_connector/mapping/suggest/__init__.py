"""A proposal for a company's mapping."""
