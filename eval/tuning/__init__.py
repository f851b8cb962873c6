"""A reranker trained on this machine from the embedder's encoder, kept only where it is shown to help."""
