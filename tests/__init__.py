"""Tests that need no bench, and the run of those that do."""
