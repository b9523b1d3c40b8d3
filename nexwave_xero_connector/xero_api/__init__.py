"""A client for one organisation on top of xero-python, with unsafe defaults of the SDK and of Xero switched off."""
