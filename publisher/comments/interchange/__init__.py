"""Comments from elsewhere, and out again: Isso, Disqus and WordPress are read, JSON is read and written without loss."""
