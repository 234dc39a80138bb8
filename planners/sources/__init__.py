"""Where candidates come from: the embedded planner's methods, or a language model."""
