"""Settings, all from the environment."""

import os


def database():
    return os.environ.get("QUAYSIDE_DATABASE", ":memory:")


def port():
    return int(os.environ.get("QUAYSIDE_PORT", "8080"))


def page_size():
    return int(os.environ.get("QUAYSIDE_PAGE", "50"))


def change_days():
    """How many days changes are kept for clients that poll."""
    return int(os.environ.get("QUAYSIDE_CHANGE_DAYS", "14"))
