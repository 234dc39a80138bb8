"""The coordinators as specialists: an assignment in, evidence out, the parts done by others."""
