"""Faulty episodes held back, so that they do not keep the others off the air."""
