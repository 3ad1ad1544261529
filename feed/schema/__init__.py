"""What a person writes: the tables of config.toml that describe the podcast, and the front matter of an episode.

Names are the field's own (Podcasting 2.0, iTunes). A docstring says what listeners see and which tag a field becomes.
Nothing is derived here; an unknown key is an error. The JSON Schemas that editors use are made from these models.
A class joined from two holds its own keys before those it shares, which is their order in the reference.
"""
