"""What runs at night and in the background."""
