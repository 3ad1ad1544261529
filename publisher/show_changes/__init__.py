"""What a plan changes of the show, in the show's own words: episodes and their parts, not files."""
