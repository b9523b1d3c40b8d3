"""The guided form: its steps, the check of the mapping, and proposals for it."""
