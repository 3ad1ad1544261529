"""Transcripts: any file a tool writes is read into cues, mended, and written in the forms that apps read."""
