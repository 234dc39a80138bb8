"""vLLM as a server, in an environment of its own: installed, started, watched, stopped."""
