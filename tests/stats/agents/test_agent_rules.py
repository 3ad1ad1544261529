"""Agents that the guideline leaves out, and those beside them that it does not."""

from __future__ import annotations

import pytest

from publisher.stats.agents.agent_rules import calls_itself_a_bot, malformed, mended, rule_against, watch


@pytest.mark.parametrize(
    ("agent", "left_out"),
    [
        ("atc/1.0 watchOS/7.4 model/Watch5,4 hwp/t8020 build/18T195 (6; dt:180)", True),
        ("atc/1.0 watchOS", True),
        ("(null)/(null) watchOS/10.4 model/Watch6,4 hwp/t8301 build/21T216 (6; dt:235)", True),
        ("Podcasts/1.0 (null)/(null) watchOS/9", True),
        ("atc/1.0 iOS/17.4", False),
        ("Overcast/3.0 (+http://overcast.fm/; watchOS podcast app)", False),
        ("Watch/1140 CFNetwork/3860.200.71 Darwin/25.1.0", False),
    ],
)
def test_a_watch_beside_its_phone_is_left_out(agent, left_out):
    assert watch(agent) is left_out
    assert (rule_against(agent) == "watch") is left_out


@pytest.mark.parametrize("agent", ["", "-", " ", '""', "\n"])
def test_who_tells_no_agent_is_left_out(agent):
    assert rule_against(mended(agent)) == "none"


@pytest.mark.parametrize(
    "agent",
    [
        "Mozilla/5.0 (Windows NT 10.0; rv:55.0) Gecko/20100101 Firefox/55.02",
        "Firefox 55.02",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/86.04240.111 Safari/537.36",
        "Pod\x00casts/1.0",
        "Podcasts\x1b[31m/1.0",
        "A" * 601,
        "<script>alert(1)</script>",
        "</a><img src=x>",
        "${jndi:ldap://203.0.113.9/a}",
        "() { :; }; /bin/cat /etc/passwd",
        "x'; DROP TABLE downloads; --",
        "Overcast' OR '1'='1",
        "Overcast') UNION SELECT * FROM requests",
        "1; copy requests to '/tmp/x'",
        "'||pg_sleep(5)||'",
        "../../etc/passwd",
    ],
)
def test_what_no_player_writes_is_malformed(agent):
    assert malformed(mended(agent))
    assert rule_against(mended(agent)) == "malformed"


@pytest.mark.parametrize(
    "agent",
    [
        "Mozilla/5.0 (X11; Linux x86_64; rv:55.0) Gecko/20100101 Firefox/55.0.2",
        "Mozilla/5.0 (X11; Linux i686; rv:1.9) Gecko/2008 Firefox/3.0",
        "castero 0.9.5 <https://github.com/xgi/castero>",
        "Fountain/0.2.6 iOS https://www.fountain.fm'",
        '"IDownloaderApps4StarsFree/1.0.107 CFNetwork/672.1.14 Darwin/14.0.0',
        "[FBAN/FB4A;FBDM/{density=1.5,width=480,height=854};FBLC/en_US]",
        "播客/1650.1 CFNetwork/1335.0.3 Darwin/21.6.0",
        "Select Podcast/1.05 (select; updates)",
        "Mozilla/2.0 (compatible; MSIE 3.02; Update a; AOL 3.0; Windows 95)",
        "Mozilla/5.0 (Linux;Android 6.0.1;605HW Build/<buildID>)AppleWebKit/537.36 Chrome/55.0.2883.91 Safari/537.36",
    ],
)
def test_an_odd_agent_of_a_player_is_not_malformed(agent):
    assert rule_against(mended(agent)) == ""


@pytest.mark.parametrize(
    ("written", "agent"),
    [
        ("Overcast/3.0\r\n", "Overcast/3.0"),
        ("  Overcast/3.0 ", "Overcast/3.0"),
        ('"Overcast/3.0"', "Overcast/3.0"),
        ("User-Agent: Overcast/3.0", "Overcast/3.0"),
        ("Over\ncast/3.0", "Overcast/3.0"),
        ("'", "'"),
        ("Fountain'", "Fountain'"),
        ("%E6%92%AD%E5%AE%A2/1709.2.2 CFNetwork/1390", "%E6%92%AD%E5%AE%A2/1709.2.2 CFNetwork/1390"),
        (r"\xE6\x92\xAD\xE5\xAE\xA2/1709.2.2", "播客/1709.2.2"),
        (r"My \x22good\x22 app", 'My "good" app'),
        ("Podcast%20Archiver/3 CFNetwork/1406", "Podcast%20Archiver/3 CFNetwork/1406"),
        (r"Player \xE6\x92", r"Player \xE6\x92"),
    ],
)
def test_what_is_simply_malformed_is_corrected(written, agent):
    assert mended(written) == agent


@pytest.mark.parametrize(
    ("agent", "bot"),
    [
        ("CCBot/2.0 (http://commoncrawl.org/faq/)", True),
        ("Mozilla/5.0 (compatible; Exabot/3.0; +http://www.exabot.com/go/robot)", True),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/86.0.4240.183 Safari/537.36 webtru_crawler", True),
        ("Arikus_Spider", True),
        ("Synapse (bot; +https://github.com/matrix-org/synapse)", True),
        ("Mozilla/5.0 (Linux; Android 9; CUBOT X18 Plus) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/91.0.4472.77", False),
        ("Mozilla/5.0 (Linux; Android 7.0; M bot 54) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/78.0.3904.96", False),
        ("Mozilla/5.0 (Linux; Android 7.1.2; M_bot_tab_71 Build/NHG47K) AppleWebKit/537.36 Chrome/58.0.3029.83", False),
        ("Robotalk/2.0 (iOS)", False),
        ("Spiderman Podcast/1.0", False),
    ],
)
def test_a_bot_that_says_so_is_one(agent, bot):
    assert calls_itself_a_bot(agent) is bot
