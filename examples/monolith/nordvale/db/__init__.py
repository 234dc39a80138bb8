"""The one database and the door to it."""
