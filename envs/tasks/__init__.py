"""Tasks: a question, the tools it offers, the answer it expects and the executed evidence that proves it."""
