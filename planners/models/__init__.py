"""The model layer: plans from a language model behind the seam that every source keeps to, recorded and replayed.

Nothing here is imported unless a model was asked for: pydantic-ai takes a second or two to load.
"""
