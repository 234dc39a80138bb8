"""What is found out about options that a goal names, and the choice among them."""
