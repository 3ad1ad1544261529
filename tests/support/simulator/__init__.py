"""The protocol between publishers and their storage, under a scheduler that one seed decides.

Everything of `publisher/` that speaks to the storage runs as it is, up to the functions that the commands call; a tiny show
takes the place of loading and rendering. Time, threads and the service are ours: a run of some hours takes a tenth of a second,
and the same seed gives the same run.

    python -m tests.support.simulator 17            one seed in the three kinds of conditions, with its events
    python -m tests.support.simulator 0-20000       a table of many
"""
