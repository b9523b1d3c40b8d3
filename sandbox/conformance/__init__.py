"""Asks a Xero API everything that this project assumes about it and cannot prove.

In CI that is our own sandbox; anybody with a Xero demo company can ask the real one: see docs/conformance.md.
"""
