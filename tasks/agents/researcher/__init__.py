"""The specialist that finds out what the project's own documents say."""
