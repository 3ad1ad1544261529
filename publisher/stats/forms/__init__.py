"""What logs look like: one module for each form, each a `Form`."""
