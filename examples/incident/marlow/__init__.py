"""Marlow Tickets: sales, holds and doors of the Marlow Arena."""
