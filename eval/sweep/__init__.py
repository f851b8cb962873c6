"""The sweep: many configurations over one collection, which share every stage that they have in common."""
