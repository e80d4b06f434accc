"""Tests of the hybrid policy."""
