"""A company's connection to Xero: app, tokens, organisation and rate limit."""
