"""What the numbers of an evaluation allow to be said: intervals, tests, power, trade-offs. Pure functions."""
