"""The whole Podcasting 2.0 namespace (https://podcastindex.org/namespace/1.0) as the writers of a feedgen extension.

Every formalised tag is one function in `channel`, `item` or `live`; what several parents carry is in `shared`. The
deprecated `podcast:images` is not written.
"""
