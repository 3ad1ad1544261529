"""The served show, looked at from outside as a directory's crawler does."""
