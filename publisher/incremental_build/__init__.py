"""Incremental build: what is made for the storage, from what, under which key; made anew only when its inputs changed."""
