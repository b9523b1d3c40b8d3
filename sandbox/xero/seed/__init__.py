"""The organisations and apps a fresh sandbox starts with."""
