"""An embedded ERP: the ports of sync/ on one SQLite file, for machines without a bench.

Several processes share the file: users in one, workers in others. It follows ERPNext's rules where the connector can
notice them (docstatus, the outbox row in the document's own transaction, signs of returns, rounding of tax), and has
nothing else of an ERP.
"""
