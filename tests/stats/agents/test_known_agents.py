"""Every agent that the list gives as an example is what the list says it is, by the same order as the list's own test."""

from __future__ import annotations

import json
import random
import re
import time

import pytest

from publisher.stats.agents.agent import NOT_COUNTED, Agent
from publisher.stats.agents.known_agents import KINDS, LIST, classify, found

LISTS = json.loads(LIST.read_text("utf-8"))
EXAMPLES = [(kind, entry, agent) for name, kind in KINDS.items() for entry in LISTS[name] for agent in entry.get("examples", ())]
PATTERNS = [(entry["name"], re.compile(entry["pattern"])) for name in KINDS for entry in LISTS[name]]
"""In the order that the list's README tells."""


def test_the_list_is_whole_and_its_licence_lies_beside_it():
    assert [len(LISTS[name]) for name in (*KINDS, "devices")] == [295, 559, 58, 11, 20]
    assert len(EXAMPLES) == 1420
    assert "Open Podcast Analytics Working Group" in LIST.with_suffix(".LICENSE").read_text("utf-8")


def test_an_app_in_another_script_is_known_as_a_server_writes_its_name():
    for agent in (agent for _, _, agent in EXAMPLES if not agent.isascii()):
        written = "".join(letter if letter.isascii() else "".join(f"\\x{byte:02X}" for byte in letter.encode()) for letter in agent)
        assert classify(written) == classify(agent) != Agent(kind="unknown")


def test_every_example_is_matched_by_its_own_entry():
    wrong = [(agent, known) for _, entry, agent in EXAMPLES if (known := found(agent)) is None or known.name != entry["name"]]
    assert not wrong


def test_every_example_of_a_bot_is_left_out_and_no_app_or_browser_is():
    for kind, entry, agent in EXAMPLES:
        bot = kind == "bot" or entry.get("category") == "bot"
        assert (classify(agent).kind in NOT_COUNTED) == bot, agent
        assert bot or classify(agent).kind == kind


@pytest.mark.parametrize("device", LISTS["devices"], ids=lambda device: device["name"])
def test_an_example_of_a_device_is_of_its_kind(device):
    for agent in device.get("examples", ()):
        first = next(other for other in LISTS["devices"] if re.search(other["pattern"], agent))
        assert classify(agent).device == ("" if classify(agent).kind in NOT_COUNTED else first["category"].replace("_", " ")), agent


@pytest.mark.parametrize(
    ("agent", "kind", "app", "device"),
    [
        ("Overcast/3.0 (+http://overcast.fm/; iOS podcast app)", "app", "Overcast", "mobile"),
        ("Podcasts/1650.20 CFNetwork/1333.0.4 Darwin/21.5.0", "app", "Apple Podcasts", "mobile"),
        ("AntennaPod/3.4.1", "app", "AntennaPod", "mobile"),
        ("AppleCoreMedia/1.0.0.16G78 (HomePod; U; CPU OS 12_4 like Mac OS X; en_us)", "library", "AppleCoreMedia", "smart speaker"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:69.0) Gecko/20100101 Firefox/69.0", "browser", "Firefox", "computer"),
        ("curl/8.5.0", "bot", "curl", ""),
        ("Wget/1.21.4", "bot", "Wget", ""),
        ("python-requests/2.31.0", "bot", "python-requests", ""),
        ("Go-http-client/2.0", "bot", "Go Http Client", ""),
        ("CCBot/2.0 (http://commoncrawl.org/faq/)", "bot", "", ""),
        ("Mozilla/5.0 (compatible; Exabot/3.0) Chrome/86.0.4240.183 (Linux)", "bot", "", ""),
        ("atc/1.0 watchOS/7.4 model/Watch5,4", "watch", "", ""),
        ("Somebody's own player 1 (Linux)", "unknown", "", "computer"),
        ("Firefox 55.02", "malformed", "", ""),
        ("-", "none", "", ""),
        ('"Overcast/3.0 (+http://overcast.fm/; iOS podcast app)"\n', "app", "Overcast", "mobile"),
    ],
)
def test_an_agent_is_app_device_or_bot(agent, kind, app, device):
    assert classify(agent) == Agent(kind=kind, app=app, device=device)


def test_looking_by_pieces_finds_what_trying_every_pattern_finds():
    draw = random.Random(17)  # noqa: S311  # the same each time
    examples = [agent for _, _, agent in EXAMPLES]
    joined = [draw.choice(examples)[: draw.randrange(60)] + draw.choice(examples)[draw.randrange(30) :] for _ in range(1000)]
    for agent in joined:
        tried = next((name for name, pattern in PATTERNS if pattern.search(agent)), "")
        assert getattr(found(agent), "name", "") == tried, agent


def test_twenty_thousand_agents_that_nobody_knows_take_a_second_or_two():
    draw = random.Random(3)  # noqa: S311  # the same each time
    agents = ["".join(draw.choices("abcdefghijklmnop/0123456789. ABC", k=60)) for _ in range(20_000)]
    began = time.process_time()
    for agent in agents:
        classify(agent)
    assert time.process_time() - began < 5


def test_agents_put_together_of_what_the_list_looks_for_are_soon_done_with():
    draw = random.Random(2)  # noqa: S311  # the same each time
    pieces = sorted({piece for name in KINDS for entry in LISTS[name] for piece in entry["pieces"]})
    agents = ["Macintosh " + "".join(draw.sample(pieces, 190)) for _ in range(200)]
    agents += [word * (590 // len(word)) for word in ("Macintosh ", "Windows ", "Linux ", "iPad", "Rave", "AIO", "Mozilla/5.0 ")]
    for agent in agents:
        classify(agent)  # patterns are compiled once
    began = time.process_time()
    for agent in agents:
        classify(agent)
    assert time.process_time() - began < 2
