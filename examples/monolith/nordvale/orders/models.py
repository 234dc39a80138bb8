"""Orders: their states and shapes."""

from dataclasses import dataclass, field

STATES = ("draft", "confirmed", "held", "in_transit", "delivered", "refused", "claimed", "returned", "cancelled")
STEPS = {
    "draft": {"confirmed", "cancelled"},
    "confirmed": {"in_transit", "held", "cancelled"},
    "held": {"confirmed", "cancelled"},
    "in_transit": {"delivered", "refused", "claimed"},
    "delivered": {"returned", "claimed"},
    "refused": {"returned", "in_transit"},
    "claimed": {"delivered", "returned", "cancelled"},
    "returned": set(),
    "cancelled": set(),
}


@dataclass
class Parcel:
    kg: float
    length: float = 30
    width: float = 20
    height: float = 15
    contents: str = ""
    declared: int = 0

    def as_row(self):
        return dict(self.__dict__)


@dataclass
class Request:
    """What a customer or a counter asks for."""

    customer_id: str
    service: str
    origin: str
    destination: str
    parcels: list = field(default_factory=list)
    country: str = "NV"
    cod: int = 0
    pay_with: str | None = None
