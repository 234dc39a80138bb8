"""The specialist that records a choice with what it was made from."""
