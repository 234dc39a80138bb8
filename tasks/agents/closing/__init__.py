"""How specialists close what an evaluation left open: gaps, contradictions and blockers, from documents alone."""
