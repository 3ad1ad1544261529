"""What several pages share: their values, words, templates, colours, order."""
