"""Asks an address of Xero's API everything this project believes about it and cannot prove.

Ours in CI, a Xero demo company when somebody has one: see docs/conformance.md.
"""
