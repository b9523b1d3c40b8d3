"""The organisations and apps that a new sandbox starts with."""
