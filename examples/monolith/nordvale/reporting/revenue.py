"""Revenue by month, service and segment, read straight from the tables of orders and billing."""

from nordvale.common import money
from nordvale.db import session
from nordvale.reporting import exports


def by_month(year):
    return {
        row["month"]: row["net"]
        for row in session.rows(
            "SELECT substr(issued, 1, 7) AS month, sum(net) AS net FROM invoices WHERE issued LIKE ? GROUP BY month",
            f"{year}-%",
        )
    }


def by_service(since):
    return session.rows(
        "SELECT service, count(*) AS orders, sum(price) AS net FROM orders WHERE placed >= ? AND status != 'cancelled'"
        " GROUP BY service ORDER BY net DESC",
        since.isoformat(),
    )


def by_segment(since):
    return session.rows(
        "SELECT c.segment, sum(o.price) AS net FROM orders o JOIN customers c ON c.id = o.customer_id"
        " WHERE o.placed >= ? GROUP BY c.segment ORDER BY net DESC",
        since.isoformat(),
    )


def concentration(since, top=10):
    """Share of the revenue that the largest customers bring."""
    nets = [row["net"] for row in session.rows(
        "SELECT sum(price) AS net FROM orders WHERE placed >= ? GROUP BY customer_id ORDER BY net DESC",
        since.isoformat(),
    )]
    return sum(nets[:top]) / sum(nets) if nets else 0.0


def board_table(since):
    rows = [{**row, "net": money.written(row["net"])} for row in by_service(since)]
    return exports.as_text(rows)
