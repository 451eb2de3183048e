"""The conversation as a LangGraph state graph: classify, then answer, ask, decline or hand off."""
