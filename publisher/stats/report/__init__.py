"""What is told of the numbers: to people, as JSON and CSV, and as a page."""
