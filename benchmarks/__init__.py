"""Speed and scale, side by side with a named baseline in one run, as ratios."""
