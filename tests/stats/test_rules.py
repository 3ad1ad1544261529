"""Each rule of the Podcast Technical Measurement Guidelines 2.3, one case that is counted beside one that is not."""

from __future__ import annotations

import pytest

from publisher.stats.counting.rules import REQUEST_RULES, RULES
from tests.stats.logged_show import at

SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"


def ranges(logged, *asked, **said):
    """Lines of one listener, a minute apart, each with one range."""
    return [logged.line(at(minutes=number), asked=one, **said) for number, one in enumerate(asked)]


def test_get_alone_counts(logged):
    logged.log(
        logged.line(at()),
        *(logged.line(at(), ip=f"203.0.113.{n}", request=f"{how} {{path}} HTTP/1.1") for n, how in enumerate(("HEAD", "POST"))),
    )
    assert logged.downloads() == {"long": 1}
    assert logged.left_out() == {"method": 2}


def test_what_is_not_new_and_what_failed_does_not_count(logged):
    logged.log(
        *(logged.line(at(), ip=f"203.0.113.{status % 250}", status=status, asked=None) for status in (200, 304, 403, 404, 416, 500, 302))
    )
    assert logged.downloads() == {"long": 1}
    assert logged.left_out() == {"status": 6}


def test_two_bytes_ask_for_nothing(logged):
    logged.log(*ranges(logged, "0-1", "0-"), logged.line(at(), "short", asked="0-1"))
    assert logged.downloads() == {"long": 1}
    assert logged.left_out() == {"two-bytes": 2}


def test_the_header_and_a_minute_are_enough_and_a_byte_less_is_not(logged):
    enough = logged.enough("long")
    assert logged.sizes["long"] / 2 < enough < logged.sizes["long"] * 0.55  # a minute of two, and the tag
    logged.log(logged.line(at(), ip="203.0.113.1", asked=f"0-{enough - 1}"), logged.line(at(), ip="203.0.113.2", asked=f"0-{enough - 2}"))
    assert logged.downloads() == {"long": 1}
    assert logged.left_out() == {"below-a-minute": 1}


def test_of_a_recording_below_a_minute_the_whole_file_is_needed(logged):
    size = logged.sizes["short"]
    logged.log(
        logged.line(at(), "short", ip="203.0.113.1"),
        logged.line(at(), "short", ip="203.0.113.2", asked=f"0-{size - 2}"),
        logged.line(at(), "short", ip="203.0.113.2", asked=f"{size - 1}-{size - 1}"),
        logged.line(at(), "short", ip="203.0.113.3", asked=f"0-{size - 2}"),
    )
    assert logged.downloads() == {"short": 2}


def test_parts_are_joined_and_the_same_bytes_twice_are_once(logged):
    half, enough = logged.enough("long") // 2 + 1, logged.enough("long")
    logged.log(
        *ranges(logged, f"0-{half}", f"{half}-{enough}", ip="203.0.113.1"),
        *ranges(logged, f"0-{half}", f"0-{half}", f"0-{half}", f"10-{half - 10}", ip="203.0.113.2"),
        *ranges(logged, f"{half}-{enough}", f"0-{half - 1}", "100-200", ip="203.0.113.3"),
    )
    assert logged.downloads() == {"long": 2}
    assert logged.left_out() == {"below-a-minute": 4, "same-download": 3}


def test_a_part_that_was_broken_off_has_only_what_was_sent(logged):
    enough = logged.enough("long")
    logged.log(
        logged.line(at(), asked="0-", sent=enough - 1, ip="203.0.113.1"),
        logged.line(at(), asked="0-", sent=enough, ip="203.0.113.2"),
    )
    assert logged.downloads() == {"long": 1}


def test_a_whole_answer_that_was_broken_off_below_a_minute_does_not_count(logged):
    enough = logged.enough("long")
    logged.log(logged.line(at(), sent=enough - 1), logged.line(at(), sent=enough, ip="203.0.113.8"))
    assert logged.downloads() == {"long": 1}
    assert logged.left_out() == {"below-a-minute": 1}


def test_where_the_log_tells_no_range_parts_add_up_by_their_bytes(logged):
    half = logged.enough("long") // 2 + 1
    lines = [logged.line(at(minutes=n), status=206, sent=half, ip=f"203.0.113.{ip}") for n, ip in enumerate((1, 1, 2))]
    logged.log(*(line.removesuffix(' "-"\n') + "\n" for line in lines))
    assert logged.downloads() == {"long": 1}
    assert logged.left_out() == {"below-a-minute": 1, "same-download": 1}


def test_lines_that_are_equal_in_every_field_are_one_in_however_many_files(logged):
    half = logged.enough("long") // 2 + 1
    line = logged.line(at(), status=206, sent=half).removesuffix(' "-"\n') + "\n"
    logged.log(line, line)
    logged.log(line, name="again.log")
    assert logged.downloads() == {}
    assert logged.left_out() == {"twice": 2, "below-a-minute": 1}


def test_a_listener_is_an_address_with_an_agent(logged):
    logged.log(*(logged.line(at(minutes=n), agent=f"AntennaPod/3.{n % 6}") for n in range(10)))
    assert logged.downloads() == {"long": 6}  # the guideline's own case: ten requests, six agents, one address
    assert logged.left_out() == {"same-download": 4}


def test_of_ipv6_the_first_64_bits_are_the_address(logged):
    same = ["2001:db8:1:2::5", "2001:DB8:1:2:aaaa:bbbb:cccc:dddd", "2001:db8:0001:0002::"]
    logged.log(*(logged.line(at(minutes=n), ip=ip) for n, ip in enumerate([*same, "2001:db8:1:3::5", "::ffff:203.0.113.7", "203.0.113.7"])))
    assert logged.downloads() == {"long": 3}


def test_an_address_with_more_downloads_in_a_day_than_people_make_is_left_out_unless_it_is_included(logged):
    crowd = [logged.line(at(minutes=n % 60), agent=f"AntennaPod/{n}") for n in range(501)]
    logged.log(*crowd, logged.line(at(days=1, hours=2), agent="AntennaPod/0"), logged.line(at(), ip="203.0.113.8"))
    assert logged.downloads() == {"long": 2}
    assert logged.left_out() == {"unrealistic": 501}
    logged.show.write("config.toml", logged.show.config.read_text("utf-8") + 'include = ["203.0.113.0/29"]\n')
    assert logged.downloads() == {"long": 503}


def test_five_hundred_downloads_behind_one_address_are_counted(logged):
    logged.log(*(logged.line(at(minutes=n % 60), agent=f"AntennaPod/{n}") for n in range(500)))
    assert logged.downloads() == {"long": 500}


def test_a_recording_is_known_by_the_end_of_its_path(logged):
    path = logged.paths["long"]
    asked = [
        f"/bucket/show{path}",
        f"{path}?source=app&x=1",
        f"/prefix{path}#t=10",
        f"/x{path[1:]}",
        f"{path}/",
        f"{path}x",
        path.replace("long", "other"),
    ]
    logged.log(*(logged.line(at(), ip=f"203.0.113.{n}", request=f"GET {one} HTTP/1.1") for n, one in enumerate(asked)))
    assert logged.downloads() == {"long": 3}
    assert logged.left_out() == {"other-files": 4}


def test_a_play_that_pauses_is_one(logged):
    enough = logged.enough("long")
    logged.log(logged.line(at(hours=1), asked=f"0-{enough}"), logged.line(at(hours=2), asked=f"{enough}-"))
    assert logged.downloads() == {"long": 1}


@pytest.mark.parametrize(
    "line", ["nothing at all\n", "\x00\x01\x02\n", '203.0.113.7 - - [01/Jun/2026:00:00:00 +0000] "GET /media/lo\n', "x" * 100_000 + "\n"]
)
def test_a_line_that_cannot_be_read_is_counted_and_shown(logged, line):
    logged.log(logged.line(at()), line, logged.line(at(minutes=1)))
    assert logged.stats()["unread"] == 1
    assert logged.left_out() == {"unread": 1, "same-download": 1}
    assert [row["line"] for row in logged.stats("check")["unread"]] == [2]


def test_each_rule_has_a_name_of_its_own_and_those_of_the_guideline_their_paragraph():
    names = [rule.name for rule in RULES]
    assert len(set(names)) == len(names)
    assert all(rule.paragraph for rule in REQUEST_RULES)
    assert all(rule.words for rule in RULES)


def test_one_number_is_explained_by_the_lines_of_its_days_and_its_episode(logged):
    late = logged.line(at(minutes=23 * 60))  # the day's last hour: its window goes on tomorrow
    logged.log(
        late,
        late,
        logged.line(at(minutes=24 * 60 + 30)),
        logged.line(at(minutes=24 * 60 + 30), ip="203.0.113.9", asked="0-1"),
        logged.line(at(minutes=24 * 60 + 40), "short", ip="203.0.113.9"),
        "torn\n",
    )
    (first, second) = (at(minutes=minutes).date().isoformat() for minutes in (23 * 60, 24 * 60 + 30))

    def told(*arguments):
        document = logged.stats("check", *arguments)
        assert document["lines"] == document["downloads"] + sum(row["requests"] for row in document["left_out"])
        return document["downloads"], {row["rule"]: row["requests"] for row in document["left_out"] if row["requests"]}

    assert told() == (2, {"unread": 1, "twice": 1, "same-download": 1, "two-bytes": 1})
    assert told(first) == (1, {"twice": 1, "same-download": 1})
    assert told(second) == (1, {"two-bytes": 1})
    assert told("--episode", "long") == (1, {"twice": 1, "same-download": 1, "two-bytes": 1})
    assert told(second, "--episode", "short") == (1, {})
