"""What earlier runs teach the next planning: hours of artifacts, the time of a whole run, plans worth using again.

Everything here is computed from what the knowledge base remembers (`planners.knowledge.past_runs`) and is the same for
the same record. Nothing here overrules the gate or the selection.
"""
