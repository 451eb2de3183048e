"""What the company does for each kind of query: the catalogue, its sources and its checks."""
