"""Nordvale Parcels: the one application that runs counters, depots, vans and invoices."""

__version__ = "11.4.2"
