"""What holds for all tests: how hypothesis draws."""

from hypothesis import HealthCheck, settings

# No deadline: a machine that is busy with something else is no fault of the code. Fifty examples find what the laws of
# small graphs have to show; the example database keeps what once failed.
settings.register_profile(
    "project", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("project")
