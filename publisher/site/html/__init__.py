"""Pages as HTML and files for machines: pure functions from values to bytes."""
