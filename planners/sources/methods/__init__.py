"""The embedded planner: a hierarchical task network over a library of methods, no model needed."""
