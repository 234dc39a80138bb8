"""Everything that can happen to an order.

The oldest module of the application: counters, web shop, depots and finance all come through here.
"""

import csv
import io

from nordvale.accounts import credit
from nordvale.accounts import service as accounts
from nordvale.billing import payments
from nordvale.catalog import pricing, services, zones
from nordvale.common import clock, events, ids, money, settings
from nordvale.common.errors import DomainError, NotFound, ValidationFailed
from nordvale.db import session, store
from nordvale.notifications import dispatcher
from nordvale.orders import validation, workflow
from nordvale.orders.models import Parcel, Request
from nordvale.shipping import labels, routing, tracking

OPEN = ("draft", "confirmed", "held", "in_transit", "refused", "claimed")


def find(order_id):
    return store.fetch("orders", "id", order_id)


def parcels_of(order_id):
    return store.select("parcels", order_id=order_id)


def monthly_parcels(customer_id):
    first = clock.today().replace(day=1).isoformat()
    return session.scalar(
        "SELECT count(*) FROM parcels p JOIN orders o ON o.id = p.order_id WHERE o.customer_id = ? AND o.placed >= ?",
        customer_id, first,
    )


def quote(request):
    rows = [parcel.as_row() for parcel in request.parcels]
    return pricing.quote(
        rows, request.origin, request.destination, request.service, request.country, request.cod,
        monthly_parcels(request.customer_id),
    )


def promised_day(request, placed=None):
    """The day we promise: the level's working days, plus one after the cutoff, plus what the zone adds."""
    placed = placed or clock.now()
    level = services.level(request.service)
    days = level.days
    if placed.hour >= settings.PICKUP_CUTOFF_HOUR:
        days += 1
    zone = zones.zone(request.origin, request.destination, request.country)
    days += zones.extra_days(zone)
    day = clock.working_days_after(placed.date(), days)
    if day.weekday() == 5 and not level.saturday:
        day = clock.working_days_after(day, 1)
    return day


def place(request):
    """Accepts an order: checks it, prices it, checks credit or takes payment, labels and routes every parcel."""
    customer = accounts.find(request.customer_id)
    validation.check(request, customer)
    price = quote(request).total
    if customer.pays_on_account:
        credit.check(customer.id, price)
    with session.transaction():
        order = store.insert(
            "orders", id=ids.new_id("ORD"), customer_id=customer.id, service=request.service, origin=request.origin,
            destination=request.destination, country=request.country, status="draft", price=price, cod=request.cod,
            placed=clock.now().isoformat(), promised=promised_day(request).isoformat(),
        )
        for parcel in request.parcels:
            store.insert("parcels", id=ids.new_id("PCL"), order_id=order["id"], **parcel.as_row())
        _ship(find(order["id"]))
        invoice_id = workflow.confirm(order["id"], invoice_now=not customer.pays_on_account)
        if invoice_id:
            invoice = store.fetch("invoices", "id", invoice_id)
            payments.take(customer.id, invoice["net"] + invoice["vat"], request.pay_with, invoice_id)
    dispatcher.tell(customer.id, "order_confirmed", order=order["id"], promised=order["promised"])
    return order["id"]


def _ship(order):
    route = routing.plan(order["origin"], order["destination"] if order["country"] == "NV" else "1000")
    made = []
    for parcel in parcels_of(order["id"]):
        number = labels.next_tracking()
        labels.render(order, parcel, number)
        store.insert(
            "shipments", tracking=number, order_id=order["id"], parcel_id=parcel["id"], route=route["text"],
            depot=route["depots"][0],
        )
        made.append(number)
    return made


def amend(order_id, destination=None, service=None):
    """Changes an order that has not left: a new price, and the difference is charged or credited."""
    order = find(order_id)
    if order["status"] not in ("confirmed", "held"):
        raise DomainError(f"{order_id} is {order['status']} and cannot be changed")
    rows = parcels_of(order_id)
    request = Request(
        order["customer_id"], service or order["service"], order["origin"], destination or order["destination"],
        [Parcel(**{k: row[k] for k in ("kg", "length", "width", "height", "contents", "declared")}) for row in rows],
        order["country"], order["cod"], pay_with="card",
    )
    customer = accounts.find(order["customer_id"])
    validation.check(request, customer)
    price = quote(request).total
    difference = price - order["price"]
    if difference > 0:
        if customer.pays_on_account:
            credit.check(customer.id, difference)
        else:
            payments.take(customer.id, difference, "card")
    elif difference < 0 and not customer.pays_on_account:
        payments.refund(customer.id, -difference, order_id)
    route = routing.plan(request.origin, request.destination if request.country == "NV" else "1000")
    with session.transaction():
        store.update(
            "orders", "id", order_id, service=request.service, destination=request.destination, price=price,
            promised=promised_day(request).isoformat(),
        )
        for shipment in store.select("shipments", order_id=order_id):
            store.update("shipments", "tracking", shipment["tracking"], route=route["text"])
    return difference


def cancel(order_id, reason="cancelled by the customer"):
    workflow.cancel(order_id, reason)


def handed_over(order_id):
    """First parcel accepted at a counter or by a van: the order is under way."""
    if find(order_id)["status"] == "confirmed":
        workflow.move(order_id, "in_transit")


def delivered(order_id, moment=None):
    order = workflow.deliver(order_id, moment)
    if order["cod"]:
        payments.take(order["customer_id"], order["cod"], "cod")
    day = order["delivered"][:10]
    if day > order["promised"]:
        amount = workflow.compensation(order, "late")
        if amount and order["invoice_id"]:
            payments.refund(order["customer_id"], amount, order_id)
    dispatcher.tell(order["customer_id"], "order_delivered", order=order_id, day=day)


def refused(order_id, note=""):
    from nordvale.orders import returns

    order = workflow.move(order_id, "refused")
    dispatcher.tell(order["customer_id"], "order_refused", order=order_id, note=note or "no reason given")
    return returns.accept(order_id, "refused")


def claim(order_id, kind, note=""):
    order = workflow.move(order_id, "claimed")
    amount = workflow.compensation(order, kind)
    if amount:
        payments.refund(order["customer_id"], amount, order_id)
    dispatcher.tell(order["customer_id"], "claim_opened", order=order_id, kind=kind)
    events.publish("claim.opened", order_id=order_id, kind=kind, amount=amount, note=note)


def mark_returned(order_id):
    workflow.move(order_id, "returned")


def hold_all(customer_id):
    for order in store.select("orders", customer_id=customer_id, status="confirmed"):
        workflow.move(order["id"], "held")


def release_all(customer_id):
    for order in store.select("orders", customer_id=customer_id, status="held"):
        workflow.move(order["id"], "confirmed")


def uninvoiced_value(customer_id):
    marks = ", ".join("?" for _ in (*OPEN, "delivered"))
    return session.scalar(
        f"SELECT coalesce(sum(price), 0) FROM orders WHERE customer_id = ? AND invoice_id IS NULL"
        f" AND status IN ({marks})",
        customer_id, *OPEN, "delivered",
    )


def late(day=None):
    day = day or clock.today()
    return session.rows(
        "SELECT * FROM orders WHERE promised < ? AND status IN ('confirmed', 'in_transit') ORDER BY promised, id",
        day.isoformat(),
    )


def postpone_late(day=None):
    """Gives late orders a new day and tells their senders."""
    day = day or clock.today()
    moved = 0
    for order in late(day):
        promised = clock.working_days_after(day, 1).isoformat()
        store.update("orders", "id", order["id"], promised=promised)
        dispatcher.tell(order["customer_id"], "order_delayed", order=order["id"], promised=promised)
        moved += 1
    return moved


def overview(order_id):
    """All about one order, as counters and the web shop show it."""
    order = find(order_id)
    shipments = store.select("shipments", order_id=order_id)
    return {
        "order": order,
        "customer": accounts.find(order["customer_id"]).name,
        "service": services.level(order["service"]).name,
        "price": money.written(order["price"]),
        "parcels": parcels_of(order_id),
        "shipments": [{**row, "history": tracking.history(row["tracking"])} for row in shipments],
        "paid": bool(order["invoice_id"]) and store.fetch("invoices", "id", order["invoice_id"])["status"] == "paid",
    }


def search(customer_id=None, status=None, since=None, text="", limit=50):
    sql, values = "SELECT * FROM orders WHERE 1 = 1", []
    if customer_id:
        sql += " AND customer_id = ?"
        values.append(customer_id)
    if status:
        sql += " AND status = ?"
        values.append(status)
    if since:
        sql += " AND placed >= ?"
        values.append(since.isoformat())
    if text:
        sql += " AND (id LIKE ? OR destination LIKE ?)"
        values += [f"%{text}%", f"{text}%"]
    return session.rows(sql + " ORDER BY id DESC LIMIT ?", *values, limit)


def import_csv(customer_id, text):
    """Places an order for each line of a contract customer's file; a bad line does not stop the others."""
    placed, failed = [], []
    reader = csv.DictReader(io.StringIO(text), delimiter=";")
    for number, line in enumerate(reader, start=2):
        try:
            parcel = Parcel(
                kg=float(line["kg"].replace(",", ".")), length=float(line.get("length") or 30),
                width=float(line.get("width") or 20), height=float(line.get("height") or 15),
                contents=line.get("contents") or "", declared=money.cents(line.get("declared") or 0),
            )
            request = Request(
                customer_id, line.get("service") or "STD", line["origin"], line["destination"], [parcel],
                line.get("country") or "NV", money.cents(line.get("cod") or 0), line.get("pay_with") or None,
            )
            placed.append(place(request))
        except ValidationFailed as error:
            failed.append((number, error.problems))
        except (KeyError, ValueError, AttributeError) as error:
            failed.append((number, [f"unreadable: {error}"]))
        except NotFound as error:
            failed.append((number, [str(error)]))
    return placed, failed
