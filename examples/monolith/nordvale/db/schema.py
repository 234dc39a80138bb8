"""Every table of the application. Who may write which is agreed in docs/data-ownership.md, not enforced here."""

TABLES = {
    "customers": "id TEXT PRIMARY KEY, name TEXT, email TEXT, phone TEXT, country TEXT, segment TEXT,"
    " credit_limit INTEGER, blocked INTEGER DEFAULT 0, language TEXT DEFAULT 'en', opened TEXT",
    "addresses": "id TEXT PRIMARY KEY, customer_id TEXT, line TEXT, postcode TEXT, city TEXT, country TEXT",
    "users": "login TEXT PRIMARY KEY, customer_id TEXT, salt TEXT, digest TEXT, role TEXT, failures INTEGER DEFAULT 0",
    "orders": "id TEXT PRIMARY KEY, customer_id TEXT, service TEXT, origin TEXT, destination TEXT, country TEXT,"
    " status TEXT, price INTEGER, cod INTEGER DEFAULT 0, placed TEXT, promised TEXT, delivered TEXT, invoice_id TEXT",
    "parcels": "id TEXT PRIMARY KEY, order_id TEXT, kg REAL, length REAL, width REAL, height REAL, contents TEXT,"
    " declared INTEGER DEFAULT 0",
    "shipments": "tracking TEXT PRIMARY KEY, order_id TEXT, parcel_id TEXT, route TEXT, depot TEXT, manifest_id TEXT",
    "scans": "id INTEGER PRIMARY KEY, tracking TEXT, kind TEXT, depot TEXT, at TEXT, note TEXT",
    "manifests": "id TEXT PRIMARY KEY, depot TEXT, day TEXT, van INTEGER, kg REAL, parcels INTEGER, closed INTEGER",
    "invoices": "id TEXT PRIMARY KEY, customer_id TEXT, net INTEGER, vat INTEGER, issued TEXT, due TEXT, status TEXT,"
    " reminders INTEGER DEFAULT 0",
    "invoice_lines": "id INTEGER PRIMARY KEY, invoice_id TEXT, order_id TEXT, text TEXT, net INTEGER",
    "ledger": "id INTEGER PRIMARY KEY, at TEXT, account TEXT, customer_id TEXT, amount INTEGER, reference TEXT",
    "payments": "id TEXT PRIMARY KEY, customer_id TEXT, invoice_id TEXT, amount INTEGER, method TEXT, at TEXT, state TEXT",
    "returns": "id TEXT PRIMARY KEY, order_id TEXT, reason TEXT, state TEXT, refund INTEGER, at TEXT",
    "messages": "id INTEGER PRIMARY KEY, customer_id TEXT, channel TEXT, template TEXT, body TEXT, at TEXT",
    "jobs": "id INTEGER PRIMARY KEY, name TEXT, payload TEXT, due TEXT, attempts INTEGER DEFAULT 0, state TEXT, error TEXT",
}


def statements():
    return [f"CREATE TABLE IF NOT EXISTS {name} ({columns})" for name, columns in TABLES.items()]
