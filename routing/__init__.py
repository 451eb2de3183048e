"""Query and catalogue in, `RouteDecision` out: which scenario, how surely, and what to do."""
