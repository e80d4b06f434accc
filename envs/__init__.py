"""Gymnasium environments over the tool servers."""
