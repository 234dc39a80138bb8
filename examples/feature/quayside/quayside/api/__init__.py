"""HTTP: routes and answers."""
