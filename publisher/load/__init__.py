"""The show's folder, read: config, front matter, notes, files; each fault with its line; who is due."""
