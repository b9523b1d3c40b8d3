"""The company's connection to Xero: the app, the tokens, the organisation, the rate limit."""
