"""The figures the company is steered by."""

from dataclasses import dataclass

from nordvale.common import settings
from nordvale.db import session
from nordvale.orders import returns
from nordvale.reporting import revenue


@dataclass
class Figure:
    name: str
    value: float
    target: float
    higher_is_better: bool = True

    @property
    def is_met(self):
        return self.value >= self.target if self.higher_is_better else self.value <= self.target


def on_time(since):
    found = session.rows("SELECT delivered, promised FROM orders WHERE delivered >= ?", since.isoformat())
    kept = sum(1 for row in found if row["delivered"][:10] <= row["promised"])
    return kept / len(found) if found else 1.0


def claims_rate(since):
    total = session.scalar("SELECT count(*) FROM orders WHERE placed >= ?", since.isoformat())
    claimed = session.scalar("SELECT count(*) FROM orders WHERE placed >= ? AND status = 'claimed'", since.isoformat())
    return claimed / total if total else 0.0


def receivables_share(since):
    """Unpaid invoices as a share of what was invoiced."""
    net = session.scalar("SELECT coalesce(sum(net), 0) FROM invoices WHERE issued >= ?", since.isoformat())
    unpaid = session.scalar(
        "SELECT coalesce(sum(net), 0) FROM invoices WHERE issued >= ? AND status = 'open'", since.isoformat()
    )
    return unpaid / net if net else 0.0


def load_factor(day):
    """How full the vans of a day are, by weight."""
    vans = session.rows("SELECT kg FROM manifests WHERE day = ?", day.isoformat())
    return sum(row["kg"] for row in vans) / (len(vans) * settings.VAN_CAPACITY_KG) if vans else 0.0


def all_figures(since):
    return [
        Figure("on_time", on_time(since), 0.965),
        Figure("claims", claims_rate(since), 0.004, higher_is_better=False),
        Figure("returns", returns.rate(since), 0.03, higher_is_better=False),
        Figure("receivables", receivables_share(since), 0.12, higher_is_better=False),
        Figure("top_ten_customers", revenue.concentration(since), 0.45, higher_is_better=False),
    ]
