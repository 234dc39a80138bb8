from datetime import date

from nordvale.accounts import auth
from nordvale.accounts import service as accounts
from nordvale.api import app
from nordvale.common import clock
from nordvale.orders import service
from nordvale.orders.models import Parcel, Request
from nordvale.reporting import exports, kpis, revenue
from nordvale.shipping import manifests, routing, tracking
from nordvale.db import store
from nordvale.workers import jobs, queue, scheduler


def token_for(role, customer_id=None):
    auth.register(f"{role}-1", "wind and rain", role, customer_id)
    return app.handle("POST", "/sessions", {"login": f"{role}-1", "password": "wind and rain"})[1]["token"]


def test_the_quickest_way_and_the_way_round():
    assert routing.shortest("HBR", "HIL") == (("HBR", "HTH", "HIL"), 205)
    assert routing.shortest("HBR", "HIL", avoiding=["HTH"]) == (("HBR", "RIV", "HIL"), 205)


def test_manifests_carry_what_waits(contract_customer):
    request = Request(contract_customer.id, "EXP", "1012", "3011", [Parcel(20.0), Parcel(25.0)])
    order_id = service.place(request)
    for shipment in store.select("shipments", order_id=order_id):
        tracking.scan(shipment["tracking"], "accepted", "HBR")
    day = date(2025, 6, 3)
    assert manifests.weight_of("HBR", day) == (45.0, 2)
    [manifest_id] = manifests.build("HBR", day)
    assert kpis.load_factor(day) == 45 / 900
    assert len(manifests.close(manifest_id)) == 2


def test_jobs_of_a_night_run_and_failures_wait(contract_customer):
    clock.freeze("2025-06-02T23:30:00")
    start = clock.now()
    clock.freeze("2025-06-03T09:30:00")
    assert scheduler.enqueue_due(start, clock.now()) == 4
    queue.put("regulator_table", quarter_start="nonsense")
    outcomes = dict(scheduler.run_waiting())
    assert outcomes["morning_sheet"].startswith("Nordvale, 2025-06-03")
    assert isinstance(outcomes["regulator_table"], ValueError)
    assert queue.backlog() == 1


def test_figures_for_the_regulator(contract_customer):
    service.place(Request(contract_customer.id, "STD", "1012", "3011", [Parcel(1.0)]))
    table = jobs.regulator_table("2025-06-01")
    assert table.splitlines()[0] == "name,value,target,met"
    assert revenue.concentration(date(2025, 6, 1)) == 1.0
    assert "STD" in revenue.board_table(date(2025, 6, 1))
    assert exports.as_text([]) == "(nothing)"


def test_the_api_places_and_shows_orders(contract_customer):
    token = token_for("customer", contract_customer.id)
    body = {"service": "STD", "origin": 1012, "destination": 3011, "parcels": [{"kg": 3}]}
    status, shown = app.handle("POST", "/orders", body, token)
    assert (status, shown["order"]["status"]) == (201, "confirmed")
    assert app.handle("GET", f"/orders/{shown['order']['id']}", token=token)[0] == 200
    assert app.handle("GET", "/reports/morning", token=token)[0] == 403
    assert app.handle("GET", "/orders/ORD-1")[0] == 403
    assert app.handle("GET", "/nowhere")[0] == 404


def test_customers_cannot_read_each_other(contract_customer):
    order_id = service.place(Request(contract_customer.id, "STD", "1012", "3011", [Parcel(1.0)]))
    other = accounts.open_account("Other", "other@example.org")
    assert app.handle("GET", f"/orders/{order_id}", token=token_for("customer", other.id))[0] == 403
