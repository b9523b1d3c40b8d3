"""Stand-ins for the two systems the connector joins, for tests and demonstrations."""
