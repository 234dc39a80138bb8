"""Ways to have work done in parts: stages in order, angles at once, and which of them suits a goal."""
