"""What every room uses: errors, the console, keys and addresses, digests, options, files of the local cache."""
