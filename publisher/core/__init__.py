"""What every room uses: errors, the console, keys and addresses, digests, files of the local cache."""
