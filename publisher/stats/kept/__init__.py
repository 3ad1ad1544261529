"""What is kept of the logs, on the private side of the storage: daily sums, and the requests of days that are still open, hashed.

**What lies there** (`publisher.core.layout` makes the keys; the *source* in them is `logs`, whatever `[stats] logs` names and whatever form that
has: a show has one source of logs at a time, and one that is named in another way is not counted twice):

- `….parquet` for each month and source: the sums of closed days, one row for each day, episode, app, kind of device and country
  (`SUMS` in `tables.py`), small numbers folded. Any tool reads them.
- one `open` object, the only one that decides (written by If-Match on what was read): which log files were read and which days they may
  tell of, the hashed requests of open days, the windows that had begun when the last day closed, the keys, the sums of open days, and those of
  days closed just now. Those move into the months afterwards, and until they did, they count from here. It is one object so that
  files, requests and keys change in one write, whole or not at all.
- what the old host told (`publish stats import`), in an object for each host, never added to what was counted.

**When a day is closed.** A day is closed 72 hours after it began (UTC), by the clock: lines come up to a day late, and a window that began in it
may take a day more to fill. Its requests and its key go in the write that closes it.

**Keys.** Each midnight has a random key, by which the day before and the day after it can be compared: a request is hashed under the keys of
the midnight before and of the midnight after it. Two keys thus overlap for 72 hours, and the key of a midnight is thrown away with the day
that followed it. Hashes of one listener on days that do not touch have nothing in common. What lies here between two runs is never older than
72 hours, counted from the later run; logs themselves, and addresses, are never kept.

**Why counting bit by bit equals counting all at once.** The count goes day by day. What day D adds depends on the requests of D, on those of D+1
(the rest of a window that began in D), and of everything before on one thing only: when the last window of each listener and episode began on
D-1 (an older one is over). So a closed day leaves behind the starts of its windows, and nothing else:

- The starts are hashed under the key of the midnight after their day; requests of the next day carry that hash beside their own, which
  leads on to the day after. Each step joins under one key, and none joins more than two days.
- Requests of a day are a set: a line equal in every field is one, whatever file it stands in. Order, cutting into files and reading twice
  change no set. Files are known by the hash of what they hold, unpacked; one that grew is known by how it begins.
- Sums are always those of a whole day, put in the place of the day's earlier ones, and folded afterwards. Nothing is added to a sum.
- A line of a closed day (logs of last June, counted today file by file, are nothing else) makes that day *and the one before* be counted
  anew, with all closed days after it that may change, from the log files themselves: each file says which days it touches, so it is known
  whether all logs of a day are still here. A day is counted anew where its logs, those of the day before and those of the day after
  are all here; reading goes back as far as days are whole, to the first day where they all are. Then the set of requests, and
  with it the count, is that of all files at once. A line whose day cannot be counted anew is left out, and said.
- In the same way days are counted anew when the settings change that they were counted by, when a recording becomes known that they may
  have asked for, and when a log was written anew under its old name: those whose logs are all here, and no others.

**Two runs at once, and runs that are killed.** Whoever loses the If-Match reads again and starts over. The months are written after the decision,
each by If-Match and from the sums that the open object holds; who finds sums there that have not moved yet moves them first, which
changes nothing when it is done twice. A run that is slow and moves what another one has replaced since is refused by If-Match: it read
the month before it looked whether its sums are still those that hold. Where a service ignores conditions, the slower of two runs may undo
the other: its files then count as not read, and the next run reads them.

**Where it is refused.** What answers to anybody is no place for this (`place.py`): before anything is written, an empty object is put there and
asked for without keys, at the bucket's own address and below `[site] url`. A folder that is the storage is uploaded by people with all that
lies in it; where the storage is a folder and no `[storage] private` is named, the private side of the numbers is `airdate-private/` beside
config.toml, which tells git to leave it alone. It is refused inside the folder that listeners reach.
"""
