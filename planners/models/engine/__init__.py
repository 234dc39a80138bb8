"""A model in this process: vLLM's engine behind the same interface as any model server.

Nothing here imports vLLM until an engine is started. `host` owns its life, `vllm_engine` alone knows its API, `model`
is what pydantic-ai asks.
"""
