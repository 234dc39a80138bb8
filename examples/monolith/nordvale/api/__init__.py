"""The HTTP face of the application."""
