"""A published show brought back into an empty folder: from what the private side keeps, else from what listeners have."""
