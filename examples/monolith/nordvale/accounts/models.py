"""Customers and addresses as values."""

from dataclasses import dataclass

SEGMENTS = ("private", "shop", "contract", "public")


@dataclass
class Customer:
    id: str
    name: str
    email: str = ""
    phone: str = ""
    country: str = "NV"
    segment: str = "private"
    credit_limit: int = 0
    blocked: bool = False
    language: str = "en"
    opened: str = ""

    @classmethod
    def from_row(cls, row):
        return cls(**{**row, "blocked": bool(row["blocked"])})

    @property
    def pays_on_account(self):
        return self.segment in ("contract", "public") and not self.blocked


@dataclass
class Address:
    id: str
    customer_id: str
    line: str
    postcode: str
    city: str
    country: str = "NV"

    def label(self):
        return [self.line, f"{self.postcode} {self.city}".strip(), self.country]
