"""The synthesis of a run in Markdown, one module a section."""
