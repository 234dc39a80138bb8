"""The packaged methods, as YAML."""
