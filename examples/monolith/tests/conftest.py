import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from nordvale.accounts import service as accounts
from nordvale.common import clock, events
from nordvale.db import session
from nordvale.notifications import channels


@pytest.fixture(autouse=True)
def fresh_application():
    session.reset()
    events.forget()
    channels.clear()
    clock.freeze("2025-06-02T09:00:00")
    yield
    clock.freeze(None)
    session.reset()


@pytest.fixture
def contract_customer():
    return accounts.open_account("Harbour Books", "orders@harbourbooks.example", segment="contract")


@pytest.fixture
def private_customer():
    return accounts.open_account("Ida Winter", "ida@example.org", phone="0031 6 1234 5678")
