"""Readers of transcripts, one module for each form or family of forms: a text to RawTranscript."""
