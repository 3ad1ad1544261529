"""One module for each command, named as it is typed: its options and its work."""
