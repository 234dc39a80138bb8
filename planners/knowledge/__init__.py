"""What was found out, decided and spent, kept in a database and asked for later.

Owns the entities, their links and the rules between them. Knows nothing of Prefect, of runs or of where a user keeps
files: the address of the database and the clock are given to it.
"""
