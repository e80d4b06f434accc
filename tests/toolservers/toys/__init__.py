"""A toy domain whose tools show every way a call can go."""
