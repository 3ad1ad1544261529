"""Directories that list podcasts: where a show is entered, what each asks for, and whether it lists this one already."""
