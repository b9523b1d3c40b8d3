"""The client over xero-python: one organisation, made safe against what the SDK and Xero do by default."""
