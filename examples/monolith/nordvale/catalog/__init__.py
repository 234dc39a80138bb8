"""What is sold, to which zones and at what price."""
