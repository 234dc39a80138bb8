"""What planning with a real vLLM server takes: `python -m benchmarks.vllm`."""
