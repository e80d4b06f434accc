"""Policies: what turns token ids into token ids. Samplers, renderers, the oracle, and the hybrid model."""
