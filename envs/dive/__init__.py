"""The DIVE recipe (arXiv 2603.11076): collect evidence by running tools, then derive a question that it entails."""
