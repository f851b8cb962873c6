"""Ours and the popular frameworks' hybrid retrieval, side by side on the same texts and vectors."""
