"""Places that keep objects: a folder, or a bucket that speaks S3."""
