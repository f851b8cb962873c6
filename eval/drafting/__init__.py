"""Drafts of labelled questions: by a chat model, or offline from headings and definitions."""
