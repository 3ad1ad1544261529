"""The count: one SQL text, a named piece for each rule of the Podcast Technical Measurement Guidelines 2.3."""
