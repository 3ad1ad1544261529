"""Chapters: one list, read from every form people and tools write, and written to every form apps read.

Where several places hold chapters, the first of PRECEDENCE that has any is used: what stands in the front matter, then the
chapters file, then the recording's own, then a list of times in the notes.
"""
