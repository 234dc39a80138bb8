"""The specialist that makes the files of artifacts."""
