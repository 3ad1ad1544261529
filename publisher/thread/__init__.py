"""The thread of an episode at networks: it is posted once after a publish that went well, and what people answer comes back here.

What others call: `posting.post_new`. Nothing here is loaded where no network is written and nothing is owed.
"""
