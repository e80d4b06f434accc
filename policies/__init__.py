"""Policies: everything that turns an observation into a turn, from token samplers to the oracle that plays a proof."""
