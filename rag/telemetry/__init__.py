"""What is measured: the stages of one request, and everything that an application counts."""
