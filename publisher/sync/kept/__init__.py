"""What a published show was made of, kept on the private side of the storage: its texts, and all other files but recordings."""
