"""A domain of its own: tools over made-up countries."""
