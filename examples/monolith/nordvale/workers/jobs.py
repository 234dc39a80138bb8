"""What runs in the background, by name."""

from nordvale.billing import dunning, invoices
from nordvale.common import clock
from nordvale.db import session
from nordvale.orders import service as orders
from nordvale.reporting import exports, kpis, operations
from nordvale.shipping import depots, manifests, tracking
from nordvale.workers import scheduler


def build_manifests(depot=None):
    built = []
    for code in [depot] if depot else sorted(depots.DEPOTS):
        built += manifests.build(code)
    return len(built)


def close_manifests():
    closed = 0
    for row in session.rows("SELECT id FROM manifests WHERE closed = 0 ORDER BY id"):
        for number in manifests.close(row["id"]):
            tracking.scan(number, "out")
        closed += 1
    return closed


def invoice_month():
    customers = session.rows("SELECT id FROM customers WHERE segment IN ('contract', 'public') ORDER BY id")
    return sum(1 for row in customers if invoices.monthly(row["id"]))


def send_reminders():
    sent = dunning.run()
    if sum(sent.values()) > 500:
        scheduler.once("send_reminders", hours=12)
    return sum(sent.values())


def postpone_late_orders():
    return orders.postpone_late()


def morning_sheet():
    return operations.morning_sheet()


def regulator_table(quarter_start=None):
    since = clock.parse_day(quarter_start) if quarter_start else clock.today().replace(day=1)
    return exports.of_figures(kpis.all_figures(since))


JOBS = {
    "build_manifests": build_manifests,
    "close_manifests": close_manifests,
    "invoice_month": invoice_month,
    "send_reminders": send_reminders,
    "postpone_late_orders": postpone_late_orders,
    "morning_sheet": morning_sheet,
    "regulator_table": regulator_table,
}
