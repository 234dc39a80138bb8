"""What customers are told, and by which channel."""
