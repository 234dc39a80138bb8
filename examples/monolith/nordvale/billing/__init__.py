"""Invoices, ledger, payments and reminders."""
