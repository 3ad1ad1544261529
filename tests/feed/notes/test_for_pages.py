"""The notes on our own pages."""
# ruff: noqa: ISC004  tables read best with a case on a line

from __future__ import annotations

import pytest

from feed.model import Image

CASES = {
    "a paragraph": ("Hello *you* and **all**.", "<p>Hello <em>you</em> and <strong>all</strong>.</p>"),
    "no smart quotes": ("\"It's\" -- (c)...", "<p>\"It's\" -- (c)...</p>"),
    "a time seeks": ("At 18:05.", '<p>At <a class="time" href="#t=1085">18:05</a>.</p>'),
    "a time with hours seeks": ("(1:02:03)", '<p>(<a class="time" href="#t=3723">1:02:03</a>)</p>'),
    "both ends of a range seek": ("0:10-0:20", '<p><a class="time" href="#t=10">0:10</a>-<a class="time" href="#t=20">0:20</a></p>'),
    "minutes over an hour seek": ("75:00", '<p><a class="time" href="#t=4500">75:00</a></p>'),
    "a time in bold seeks": ("**0:10**", '<p><strong><a class="time" href="#t=10">0:10</a></strong></p>'),
    "a time in a heading seeks": ("## 0:10 Intro", '<h2><a class="time" href="#t=10">0:10</a> Intro</h2>'),
    "a written seek link looks like one": ("[intro](#t=10)", '<p><a href="#t=10" class="time">intro</a></p>'),
    "a time in a link stays": ("[18:05](https://show.example/x)", '<p><a href="https://show.example/x">18:05</a></p>'),
    "a time in code stays": ("`18:05`", "<p><code>18:05</code></p>"),
    "a time in a block of code stays": ("    18:05\n", "<pre><code>18:05\n</code></pre>"),
    "a time in an attribute stays": ("![18:05](cat.jpg)", None),
    "a ratio stays": ("16:9 and 4:3", "<p>16:9 and 4:3</p>"),
    "seconds over 59 stay": ("18:75", "<p>18:75</p>"),
    "minutes over 59 with hours stay": ("1:75:00", "<p>1:75:00</p>"),
    "an hour of the day stays": ("6:30 pm, 6:30pm, 6:30 a.m. and 18:30 Uhr", "<p>6:30 pm, 6:30pm, 6:30 a.m. and 18:30 Uhr</p>"),
    "a date's hour stays": ("2026-04-08 06:00 2026-04-08T06:00:00+02:00", "<p>2026-04-08 06:00 2026-04-08T06:00:00+02:00</p>"),
    "a fraction, a verse and an address stay": ("18:05.250 a18:05 18:05b 10.0.0.1:18:05", "<p>18:05.250 a18:05 18:05b 10.0.0.1:18:05</p>"),
    "a link within the site": ("[x](b.html)", '<p><a href="https://show.example/episodes/b.html">x</a></p>'),
    "a link from the root": ("[x](/about.html)", '<p><a href="https://show.example/about.html">x</a></p>'),
    "a link elsewhere": ("[x](https://a.example/?a=1&b=2)", '<p><a href="https://a.example/?a=1&amp;b=2" rel="noopener">x</a></p>'),
    "a link's title is dropped": ('[x](https://show.example "t")', '<p><a href="https://show.example">x</a></p>'),
    "a bare address": ("https://a.example/x.", '<p><a href="https://a.example/x" rel="noopener">https://a.example/x</a>.</p>'),
    "a bare name is no address": ("README.md, example.com, a@b.example", "<p>README.md, example.com, a@b.example</p>"),
    "a mail address": ("<a@b.example>", '<p><a href="mailto:a@b.example">a@b.example</a></p>'),
    "the page's own title": ("# One\n\n## Two\n\n###### Six", "<h2>One</h2>\n<h3>Two</h3>\n<h6>Six</h6>"),
    "headings without it": ("## Two\n\n### Three", "<h2>Two</h2>\n<h3>Three</h3>"),
    "a table": (
        "|a|b|\n|-|-:|\n|1|2|",
        '<table>\n<thead>\n<tr>\n<th>a</th>\n<th class="align-right">b</th>\n</tr>\n</thead>\n'
        '<tbody>\n<tr>\n<td>1</td>\n<td class="align-right">2</td>\n</tr>\n</tbody>\n</table>',
    ),
    "tasks": ("- [ ] a\n- [x] b\n- [y] c\n", "<ul>\n<li>☐ a</li>\n<li>☑ b</li>\n<li>[y] c</li>\n</ul>"),
    "brackets that are no task": ("[ ] a", "<p>[ ] a</p>"),
    "a footnote": (
        "x[^a]\n\n[^a]: why",
        '<p>x<sup class="footnote-ref"><a href="#fn1" id="fnref1" role="doc-noteref">[1]</a></sup></p>\n<hr>\n<section class="footnotes">\n<ol>\n'
        '<li id="fn1"><p>why <a href="#fnref1" role="doc-backlink">↩︎</a></p>\n</li>\n</ol>\n</section>',
    ),
    "struck out": ("~~x~~", "<p><s>x</s></p>"),
    "a list of times": (
        "0:10 A\n0:20 B\nand so on\n",
        '<p><a class="time" href="#t=10">0:10</a> A<br>\n<a class="time" href="#t=20">0:20</a> B\nand so on</p>',
    ),
    "html that is listed": ("<kbd>k</kbd> H<sub>2</sub>O", "<p><kbd>k</kbd> H<sub>2</sub>O</p>"),
    "an unknown element leaves its words": ("<blink>x</blink>", "<p>x</p>"),
    "a language": ("```py\nx\n```", '<pre><code class="language-py">x\n</code></pre>'),
    "nothing": (" \n", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_page_shows(render, name):
    markdown, html = CASES[name]
    if html is None:
        assert "#t=" not in render(markdown).page
    else:
        assert render(markdown).page == html


def test_times_at_or_after_the_end_do_not_seek(render):
    page = render("0:59 1:00 2:00", duration=60.0).page
    assert page == '<p><a class="time" href="#t=59">0:59</a> 1:00 2:00</p>'


def test_pictures_of_the_episode_are_shown_where_they_are_published(render):
    images = {"my cat.jpg": Image(url="https://cdn.example/cat-1.jpg", width=640, height=480), "dog.png": "https://show.example/dog-2.png"}
    page = render('![A "cat"](<./my cat.jpg>) ![](dog.png) ![b](bird.jpg) [large](dog.png)', images=images).page
    assert page == (
        '<p><img src="https://cdn.example/cat-1.jpg" alt="A &quot;cat&quot;" width="640" height="480" loading="lazy" decoding="async"> '
        '<img src="https://show.example/dog-2.png" alt="" loading="lazy" decoding="async"> '
        '<a href="https://show.example/episodes/bird.jpg">b</a> <a href="https://show.example/dog-2.png">large</a></p>'
    )


def test_an_address_that_is_endless_is_no_link(render):
    assert render(f"[x](https://a.example/{'x' * 3000})").page == "<p>x</p>"
