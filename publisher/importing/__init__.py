"""Another host's show taken over as a folder."""
