"""Quayside over HTTP, with a database of the test's own."""

import io
import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from quayside import clock, store
from quayside.app import application


@pytest.fixture(autouse=True)
def harbour():
    store.reset()
    clock.freeze("2026-06-01T08:00:00")
    store.write("insert into harbours values ('ELM', 'Elmsund', 'Europe/Copenhagen', 400)")
    store.write("insert into berths values ('ELM-1', 'ELM', 1200, 220, 1, 0)")
    store.write("insert into berths values ('ELM-2', 'ELM', 900, 180, 0, 0)")
    store.write("insert into users values ('secret', 'Office Elmsund', 'office', 'ELM')")
    yield
    store.reset()
    clock.freeze(None)


def ask(method, path, body=None, token=None, query=""):
    content, told = json.dumps(body).encode() if body else b"", []
    environ = {
        "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "CONTENT_LENGTH": str(len(content)),
        "wsgi.input": io.BytesIO(content), "HTTP_AUTHORIZATION": f"Bearer {token}" if token else "",
    }
    answer = b"".join(application(environ, lambda status, headers: told.append(int(status[:3]))))
    return told[0], json.loads(answer)


def booked(berth="ELM-1", first="2026-06-03", last="2026-06-06"):
    _, vessel = ask("POST", "/v1/vessels", {"name": "Tern", "length_cm": 850, "draught_cm": 150, "owner": "Ada"})
    return ask("POST", "/v1/bookings", {"berth_id": berth, "vessel_id": vessel["id"], "first": first, "last": last})


def test_berth_is_booked_once():
    assert booked()[0] == 201
    status, answer = booked()
    assert (status, answer["code"]) == (409, "berth")


def test_price_is_by_metre_and_night():
    assert booked()[1]["price_cents"] == 9 * (310 + 310 + 356)


def test_free_berths_leave_out_what_is_booked():
    booked()
    _, answer = ask("GET", "/v1/harbours/ELM/berths", query="first=2026-06-04&last=2026-06-05")
    assert [each["id"] for each in answer["berths"]] == ["ELM-2"]


def test_changes_are_for_offices_and_numbered():
    booked()
    assert ask("GET", "/v1/changes")[0] == 403
    _, answer = ask("GET", "/v1/changes", token="secret", query="since=0&topics=booking")
    assert [each["topic"] for each in answer["changes"]] == ["booking.placed"]
    assert answer["last"] == 1


def test_board_asks_more_often_the_more_boats_there_are():
    booked()
    before = store.queries
    assert ask("GET", "/v1/harbours/ELM/board", token="secret")[0] == 200
    assert store.queries > before


def test_what_is_not_there_is_named():
    assert ask("GET", "/v1/bookings/7") == (404, {"code": "booking", "text": "there is no booking 7"})
