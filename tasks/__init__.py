"""What flows are made of: thin Prefect tasks, what they need, and the specialists that do the work."""
