"""Recordings and pictures: what they are, and how they are made fit for listeners."""
