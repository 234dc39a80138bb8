"""What a person looks at that is not the terminal: the page, the diagram, the knowledge graph, the report.

Pure functions from plans and evidence to text. They know no Prefect, read no clock and write no file.
"""
