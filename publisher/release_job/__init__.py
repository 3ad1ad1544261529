"""What a job that nobody watches asks of a publish: to be on the air in time, and to tell its service."""
