"""A bucket as the storage: requests, signing, answers, large files in parts."""
