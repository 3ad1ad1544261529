"""Requests to the web, bounded in time, size and redirects, and only to addresses that may be asked."""
