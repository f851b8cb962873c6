"""Attacks on the agent by text that it reads: planted, obeyed to the letter, and judged by what came out."""
