"""`python -m evaluation`: how well queries are routed, on cases nobody tuned on."""
