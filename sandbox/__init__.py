"""Stand-ins for the two systems that the connector joins, for tests and demonstrations."""
