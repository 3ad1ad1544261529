"""A bucket's settings and policies, and snippets for the networks in front of it."""
