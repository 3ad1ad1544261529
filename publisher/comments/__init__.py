"""What listeners write: taken by a service of the show's own, read by a moderator, kept in a database, shown from a file on the storage."""
