"""The pages: each a short script that says what is on it."""
