"""What happens to a plan while it is carried out: evaluation after each phase."""
