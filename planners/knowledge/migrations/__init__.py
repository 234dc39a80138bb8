"""How the database came to its present shape: Alembic revisions, run by the knowledge base itself."""
