"""Customers, their sign-in and their credit."""
