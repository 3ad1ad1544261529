"""What the storage remembers of the show, and the ledger of everything ever published."""
