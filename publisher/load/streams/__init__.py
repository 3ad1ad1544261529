"""The live streams that a show announces."""
