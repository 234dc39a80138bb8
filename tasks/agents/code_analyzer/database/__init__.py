"""What makes a database slow now: its log, its schema and the code that asks it, read together."""
