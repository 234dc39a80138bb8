"""Orders and tracking over HTTP."""

from nordvale.accounts import auth
from nordvale.api import serializers
from nordvale.orders import returns
from nordvale.orders import service as orders
from nordvale.shipping import tracking


def post_quote(who, body):
    request = serializers.order_request(body, body.get("customer_id") or who["customer_id"])
    return 200, serializers.quote(orders.quote(request))


def post_order(who, body):
    customer_id = body.get("customer_id") or who["customer_id"]
    auth.require(who, "orders:write", customer_id)
    order_id = orders.place(serializers.order_request(body, customer_id))
    return 201, orders.overview(order_id)


def get_order(who, body, order_id):
    auth.require(who, "orders:read", orders.find(order_id)["customer_id"])
    return 200, orders.overview(order_id)


def delete_order(who, body, order_id):
    auth.require(who, "orders:write", orders.find(order_id)["customer_id"])
    orders.cancel(order_id, body.get("reason", "cancelled over the API"))
    return 204, None


def post_return(who, body, order_id):
    auth.require(who, "orders:write", orders.find(order_id)["customer_id"])
    return 201, {"return": returns.accept(order_id, body.get("reason", ""))}


def get_tracking(who, body, number):
    return 200, tracking.history(number)


def post_scan(who, body, number):
    auth.require(who, "scans:write")
    tracking.scan(number, body.get("kind", ""), body.get("depot", ""), body.get("note", ""))
    return 201, tracking.latest(number)
