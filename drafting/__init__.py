"""Scenario and passages in, an answer with references out: by an LLM, or by extraction."""
