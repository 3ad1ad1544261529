"""Time and memory of notes and chapters: the usual ones, and the worst that the bounds still accept.

Run from the repository: python -m benchmarks.notes [FILTER]. Seconds are processor time of single runs; the ratio is to 100 usual notes.
"""

from __future__ import annotations

import json
import resource
import sys
import time

from feed.chapters.in_notes import chapters_from_notes
from feed.chapters.reading import read_chapters
from feed.findings import ContentFault
from feed.notes import image_names, render_notes
from feed.notes.limits import LINE_BYTES, NOTES_BYTES

USUAL = (
    "Meta is **restructuring** 15,000 employees with a [month-long](https://example.org/x?a=1) wait that feels less like a layoff and "
    "more like a psychological experiment, all to fuel *its* ambitions.\n\nMeanwhile, at 18:05, compute scarcity is sold as a product.\n\n"
    "- 00:00 Intro\n- 05:10 What `it` means\n- 12:30 Farewell, and https://example.org/more\n\n"
)
PLAIN = (USUAL.partition("- 00:00")[0] * 7)[:2_000]

MARKS = (
    '[ ![ ] *a *a* _a **a *** a**b ` `a ``_ ~~a < <a <! <a_b=" & &a \\ ( [a]( [a](b) [a] [^1] ![a](<b [a][b] <a@ http:// https://a.b_ '
    'https://a.b/( https://a.b, mailto:a@ a@b.c_ " | |a ]([ *a__b [*a *[a] [` <b> <b_c> </b> <? <![CDATA[ &#1; ! x 1:00_ 1: <a_href=b> '
    "<b><p> <i_c=d><p> ^[ a[ ** __ __a _a_ https://a.b/?a=1&b=2_ *[a](b)* <https://a.b> ![a](b) `a`_ &amp; ~ ~~ é 😀 10:00 -0:00"
)
BLOCKS = (
    "x", "> x", "- x", "1. x", "# x", "    x", "```", "|a|b|\n|-|-|", "[a]: b", "[^a]: b", "<b>", "<div>", "<p>x", "---", "x\n===",
    "> - > - x", "- - - - x", "* * * * * * * * * x", ">>>>>>>>>> x", "<!--", "- [ ] x", "[a]: <", "\t- x", "  - x", ">", "-", "[a", "*a",
    "`", "x  ", "<a", "0:00 x", "[a](b", "<details>", "<table>", "<table><tr><td>", "<li>", "<i a=1>", "<b><i><u><s>", "[^1] [^2]",
)  # fmt: skip


def cases():
    yield "usual notes, 2 kB, 100 times", USUAL * 6, 100
    yield "plain notes, 2 kB, 100 times", PLAIN, 100
    for mark in (written.replace("_", " ") for written in MARKS.split()):
        line = (mark * (LINE_BYTES // len(mark.encode())))[:LINE_BYTES]
        yield f"one line of {mark!r}", line, 1
        yield f"lines of {mark!r}", (line + "\n\n") * (NOTES_BYTES // (len(line.encode()) + 2)), 1
        short = mark * (300 // len(mark))
        yield f"short lines of {mark!r}", (short + "\n\n") * (NOTES_BYTES // (len(short.encode()) + 2)), 1
        yield f"joined lines of {mark!r}", (short + "\n") * (NOTES_BYTES // (len(short.encode()) + 2)), 1
    for block in BLOCKS:
        for end in ("\n", "\n\n"):
            whole = block + end
            count = min(5_000 // (block.count("\n") + 1), NOTES_BYTES // len(whole))
            yield f"blocks of {whole!r}", whole * count, 1
        yield f"long blocks of {block!r}", (block + "x" * 45 + "\n") * (NOTES_BYTES // (len(block) + 46)), 1
    yield "a wide table", "|a" * 99 + "|\n" + "|-" * 99 + "|\n" + "|*a*\n" * 95, 1
    yield "a long table", "|a|b|\n|-|-|\n" + "|*a*|[b](c)|\n" * 3_300, 1
    yield "quotes in quotes", "".join(">" * depth + " x\n" for depth in range(1, 700)), 1
    yield "lists in lists", "".join(" " * (2 * depth) + "- x\n" for depth in range(1, 480)), 1
    yield "rising ticks", "".join("`" * length + " " for length in range(1, 190)), 1
    yield "references used often", "[a]: https://a.b/" + "x" * 1_900 + "\n\n" + ("[a] " * 20 + "\n\n") * 95, 1
    yield "references made often", "".join(f"[{number}]: x{number}\n" for number in range(4_900)), 1
    yield "footnotes of footnotes", "".join(f"[^{number}]: x[^{number + 1}]\n\n" for number in range(4_900)) + "[^0]", 1
    yield "one footnote, many marks", "[^1]: x\n\n" + ("[^1] " * 100 + "\n\n") * 400, 1
    yield "formatting never closed", "<p>\n" + "".join(f"<b a={number}>\n" for number in range(1_900)) + ("<p>x" * 100 + "\n") * 20, 1
    yield "links in boxes", "<div>" * 40 + "<a href=b>" * 500 + "\n\n" + "<a href=c><div>\n\n" * 50, 1
    yield "tags in a block", "<p><i>" * 1_900, 1
    yield "the most prose", ("The quick brown fox jumps over the lazy dog. " * 22 + "\n\n") * (NOTES_BYTES // 1_000), 1


def main():
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    usual, rows = 0.0, []
    for name, text, times in cases():
        if wanted not in name and times == 1:
            continue
        begun = time.process_time()
        outcome = ""
        for _ in range(times):
            try:
                notes = render_notes(text, summary=None, base_url="https://show.example/episodes/a.html")
                outcome = f"{len(notes.page):>9,} page {len(notes.apps):>9,} apps"
            except ContentFault as fault:
                outcome = f"{fault.code}: {fault.message}"
        seconds = time.process_time() - begun
        usual = usual or seconds
        rows.append((seconds, name, len(text.encode()), outcome))
    for row in rows[:2]:
        print(f"{row[0] * 10:.2f} ms each: {row[1]} ({row[2]:,} bytes)")
    print("the slowest of", len(rows))
    for seconds, name, size, outcome in sorted(rows, reverse=True)[:25]:
        print(f"{seconds:7.3f} s  x{seconds / usual:6.1f}  {name:42} {size:>8,} bytes -> {outcome}")
    lines = b"".join(b"%d:%02d Title number one\n" % (n // 60, n % 60) for n in range(4_999))
    document = json.dumps({"chapters": [{"startTime": n, "title": "Title"} for n in range(4_999)]})
    for name, call in (
        ("image_names", lambda: image_names("![a](b) <img src=c> " * 100 + "\n\n" + USUAL * 600)),
        ("chapters_from_notes", lambda: chapters_from_notes("0:00 x" * 3 + "\n" + "00:00 x\n" * 30_000)),
        ("read_chapters, 4,999 lines", lambda: read_chapters(lines)),
        ("read_chapters, JSON of 4,999", lambda: read_chapters(document.encode())),
    ):  # fmt: skip
        begun = time.process_time()
        call()
        print(f"{time.process_time() - begun:7.3f} s  {name}")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
