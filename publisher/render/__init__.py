"""An episode on its way to feed and page: pictures, recordings, transcripts, chapters, notes."""
