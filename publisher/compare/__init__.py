"""What a subscriber's app would see as a change, if this feed took the place of that one.

The door is `compare_feeds` in `two_feeds.py`: `compare_feeds(old, new) -> Comparison`, both an address or a file, or a `BuiltFeed`, which
`feed_of_folder(workspace, options)` in `this_folder.py` makes of the show's folder without publishing anything. A `Comparison`
(`results.py`) is frozen: `twice`, `lost`, `episodes`, `safe`, `sentence`, what each feed says of itself (`old`, `new`), whether the old
address redirects (`redirect`), what each simulated app makes of it (`apps`) and a row for each finding (`findings`). `words.py` writes it
for people and for a ticket. Nothing is ever written to either side, and nothing here prints.
"""
