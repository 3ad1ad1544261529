"""A comment is sent as a page sends it: what is stored, what is refused and with which words."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib

import pytest

from publisher.comments.service.refusals import STATUSES
from publisher.site.parts.words import LANGUAGES, words_for
from tests.support.changed_comments import decide


def refused(answer, code):
    """The sentence of a refusal, which must be this one."""
    assert answer.json().get("code") == code, answer.text
    assert answer.status_code == STATUSES[code]
    return answer.json()["error"]


def test_a_form_is_stored_whole_and_held(reader):
    answer = reader.post(
        name="  Ada\u200b   B. ", text=" The hinge!\r\n\r\n\r\n\r\nIt  creaks. ", at="754.9", headers={"x-forwarded-for": "203.0.113.7"}
    )
    assert answer.status_code == 201
    said = answer.json()
    (stored,) = reader.stored()
    assert said == {"id": stored.id, "state": "held", "token": said["token"], "editable": 900}
    expected = {
        "show": "0f9f6ba2-7e5d-5c6f-9d6b-0f5a3b2c1d00", "episode": "first", "guid": "first-guid", "name": "Ada\u200b B.", "text": "The hinge!\n\nIt  creaks.", "at": 754,
        "reply_to": None, "language": "en", "created": reader.clock.now, "edited": None, "state": "held", "decided": None,
        "consent": words_for("en")("comment_consent"), "consent_language": "en", "consent_at": reader.clock.now, "source": "form", "foreign_id": "",
        "consent_version": hashlib.sha256(words_for("en")("comment_consent").encode()).hexdigest()[:16],
        "author": hashlib.sha256(said["token"].encode()).hexdigest(), "id": said["id"],
    }  # fmt: skip
    assert dataclasses.asdict(stored) == expected


def test_json_is_taken_as_a_form_is(reader):
    fields = reader.fields(at=12, nonce=reader.nonce().json()["nonce"], reply_to=None)
    reader.clock.now += dt.timedelta(seconds=3)
    answer = reader.client.post("/comments", json=fields | {"reply_to": None}, headers=reader.headers)
    assert answer.status_code == 201
    assert reader.stored()[0].at == 12


def test_so_is_a_form_in_parts(reader):
    fields = reader.fields(nonce=reader.nonce().json()["nonce"])
    reader.clock.now += dt.timedelta(seconds=3)
    answer = reader.client.post("/comments", files={name: (None, value) for name, value in fields.items()}, headers=reader.headers)
    assert answer.status_code == 201


def test_what_is_typed_apart_is_kept_together(reader):
    reader.post(name="Zoe\u0308", text="Cafe\u0301 at noon, e\u0301tude")
    (stored,) = reader.stored()
    assert (stored.name, stored.text) == ("Zoë", "Café at noon, étude")


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("episode", "third", "unknown"),
        ("episode", "idea", "unknown"),
        ("episode", "gone", "unknown"),
        ("episode", "silent", "unknown"),
        ("episode", "../first", "unknown"),
        ("episode", "first' OR 1=1 --", "unknown"),
        ("episode", "", "unknown"),
        ("guid", "second-guid", "unknown"),
        ("name", "", "name"),
        ("name", " \t\u200b ", "name"),
        ("name", "\ufe0f\u034f", "name"),
        ("name", "ㅤ", "name"),
        ("name", "x" * 51, "name"),
        ("name", "buy https://spam.example", "name"),
        ("text", "", "short"),
        ("text", "123456789", "short"),
        ("text", "1 2 3 4 5 6 7 8 9          ", "short"),
        ("text", "a\u200b\u200b\u200b\u200b\u200b\u200b\u200b\u200b\u200b\u200b", "short"),
        ("text", "\u2800" * 20, "short"),
        ("text", "\u034f\u200b" * 20, "short"),
        ("text", "\ufe0f\u200b\U000e0100\u200b\u17b4\u200b" * 20, "short"),
        ("text", "x" * 5001, "long"),
        ("text", "see http://a.example https://b.example and www.c.example", "links"),
        ("text", "[url=http://a]x[/url] <a href=b>x</a> HTTP : //c", "links"),
        ("at", "soon", "at"),
        ("at", "-1", "at"),
        ("at", "1e9", "at"),
        ("at", "360000", "at"),
        ("at", "٣", "at"),
        ("reply_to", "nobody", "reply"),
        ("reply_to", "'; --", "reply"),
        ("consent", "", "consent"),
        ("consent", "on", "consent"),
        ("consent", "I agree.", "consent"),
        ("nonce", "", "nonce"),
        ("nonce", "guessed", "nonce"),
    ],
)
def test_each_bound_has_its_own_refusal_and_nothing_is_kept(reader, field, value, code):
    given = reader.nonce().json()["nonce"]
    assert refused(reader.post(**({"nonce": given} | {field: value})), code)
    assert reader.stored("held", "approved", "rejected", "spam") == ()


def test_ten_letters_of_any_language_are_enough(reader):
    for text in ("1234567890", "とても面白い話でした。", "👩‍👩‍👧 👍👍👍👍👍👍👍👍👍👍", "क्या बात है भाई", "x" * 5000):
        assert reader.post(text=text).status_code == 201, text


def test_the_sentences_are_in_the_language_of_the_reader():
    for code in STATUSES:
        said = {words_for(language)(f"comment_refused_{code}", n=7) for language in LANGUAGES}
        assert len(said) == len(LANGUAGES), code
        assert all("{" not in sentence for sentence in said)
    assert len({words_for("en")(f"comment_refused_{code}", n=7) for code in STATUSES}) == len(STATUSES)


def test_a_page_in_another_language_is_answered_in_it(service, published, german, neighbour):
    english, german, arabic = service(published, german, neighbour)
    assert "mindestens" not in refused(english.post(text="no"), "short")
    assert refused(german.post(text="no"), "short") == "Ein Kommentar braucht mindestens 10 Zeichen, die nicht leer sind."
    assert "10" in refused(arabic.post(text="no"), "short")
    assert english.client.post("/comments", data={}, headers={"accept-language": "ja"}).json()["error"].startswith("コメント")


# the nonce


def test_a_nonce_is_good_for_one_post(reader):
    given = reader.nonce().json()["nonce"]
    first = reader.post(nonce=given, text="A comment of mine.")
    assert refused(reader.post(nonce=given, text="Another comment."), "used")
    assert len(reader.stored()) == 1
    again = reader.post(nonce=given, text=" A comment of mine. ")
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert len(reader.stored()) == 1


def test_a_nonce_is_good_for_an_hour_and_over_a_restart(service, published, clock):
    reader = service(published)[0]
    given, late = reader.nonce().json()["nonce"], reader.nonce().json()["nonce"]
    other = service(published)[0]
    assert other.post(nonce=given, wait=3599).status_code == 201
    assert refused(other.post(nonce=late, wait=2), "nonce")


def test_a_nonce_is_good_for_its_episode_show_and_purpose_alone(service, published, german):
    english, other = service(published, german)
    given = english.nonce("second").json()["nonce"]
    assert refused(english.post(nonce=given), "nonce")
    assert refused(other.post(nonce=other.nonce("second").json()["nonce"]), "nonce")
    assert refused(other.post(nonce=english.nonce().json()["nonce"]), "nonce")
    changed = given[:-1] + ("A" if given[-1] != "A" else "B")
    assert refused(english.post(nonce=changed, episode="second", guid="second-guid"), "nonce")
    later = "z" + given[1:]
    assert refused(english.post(nonce=later, episode="second", guid="second-guid"), "nonce")
    assert english.post(nonce=given, episode="second", guid="second-guid").status_code == 201


def test_a_form_that_is_sent_at_once_was_filled_by_a_program(reader):
    given = reader.nonce().json()
    assert given["wait"] == 2.0
    assert refused(reader.post(nonce=given["nonce"], wait=1.9), "early")
    assert reader.post(nonce=given["nonce"], wait=0.1).status_code == 201


def test_what_was_refused_does_not_use_the_nonce_up(reader):
    given = reader.nonce().json()["nonce"]
    reader.post(text="The very same words.")
    refused(reader.post(nonce=given, text="The Very   same WORDS."), "twice")
    assert reader.post(nonce=given, text="Other words, then.").status_code == 201


def test_no_nonce_is_given_for_what_cannot_be_commented_on(reader):
    for slug in ("third", "idea", "gone", "silent", "", "a" * 300, "\u0000"):
        refused(reader.nonce(slug), "unknown")


# programs and crowds


def test_a_filled_trap_is_answered_like_all_and_never_held(reader):
    answer = reader.post(website="https://spam.example")
    assert answer.status_code == 201
    assert answer.json()["state"] == "held"
    assert reader.stored() == ()
    assert [comment.id for comment in reader.stored("spam")] == [answer.json()["id"]]


def test_the_same_words_are_taken_once_on_an_episode(reader):
    assert reader.post(text="Lovely episode, thanks!").status_code == 201
    refused(reader.post(text="lovely EPISODE,\n\nthanks!"), "twice")
    assert reader.post(text="Lovely episode, thanks!", episode="second", guid="second-guid").status_code == 201


def test_a_network_may_send_five_in_an_hour(reader):
    for number in range(5):
        assert reader.post(wait=60, headers={"x-forwarded-for": f"203.0.113.{number}"}).status_code == 201
    assert "hour" in refused(reader.post(headers={"x-forwarded-for": "203.0.113.99"}), "many")
    assert reader.post(headers={"x-forwarded-for": "203.0.114.1"}).status_code == 201
    for number in range(5):
        assert reader.post(headers={"x-forwarded-for": f"2001:db8:7:{number}::1"}).status_code == 201
    refused(reader.post(headers={"x-forwarded-for": "2001:db8:7:ffff::1"}), "many")
    refused(reader.post(headers={"x-forwarded-for": "::ffff:203.0.113.99"}), "many")
    reader.clock.now += dt.timedelta(minutes=56)
    assert reader.post(headers={"x-forwarded-for": "203.0.113.99"}).status_code == 201
    assert len(reader.stored()) == 12


def test_the_limit_is_raised_by_the_config_and_counted_for_each_show(service, published, german):
    english, other = service(published, german, settings={"per_hour": 7})
    here = {"x-forwarded-for": "203.0.113.1"}
    for _ in range(7):
        assert english.post(headers=here).status_code == 201
    refused(english.post(headers=here), "many")
    assert other.post(headers=here).status_code == 201


def test_no_address_is_stored_anywhere(service, published, database_address, tmp_path):
    import sqlalchemy as sql

    reader = service(published)[0]
    assert reader.post(headers={"x-forwarded-for": "203.0.113.77"}).status_code == 201
    reader.clock.now += dt.timedelta(days=1)
    assert reader.post(headers={"x-forwarded-for": "203.0.113.77"}).status_code == 201
    with reader.taking.database.access.read() as connection:
        tables = sql.inspect(connection).get_table_names()
        rows = [str(row) for table in tables for row in connection.execute(sql.select(sql.text("*")).select_from(sql.table(table)))]
        salts = connection.execute(sql.text("SELECT name FROM setting WHERE name LIKE 'salt %'")).scalars().all()
        networks = connection.execute(sql.text("SELECT network FROM limit_count")).scalars().all()
    assert "203.0.113" not in "\n".join(rows)
    assert salts == ["salt 2026-11-30"]  # that of the day before is gone
    assert len(networks) == len(set(networks))
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or b"203.0.113" not in path.read_bytes()


@pytest.mark.parametrize(
    ("client", "forwarded", "proxies", "network"),
    [
        ("127.0.0.1", "", (), "127.0.0.0/24"),
        ("", "198.51.100.9", (), "198.51.100.0/24"),
        ("127.0.0.1", "198.51.100.9", (), "198.51.100.0/24"),
        ("::1", "198.51.100.9", (), "198.51.100.0/24"),
        ("127.0.0.1", "203.0.113.1, 198.51.100.9", (), "198.51.100.0/24"),
        ("127.0.0.1", "203.0.113.1, 127.0.0.1", (), "203.0.113.0/24"),
        ("198.51.100.9", "203.0.113.1", (), "198.51.100.0/24"),
        ("10.1.2.3", "203.0.113.1", ("10.0.0.0/8",), "203.0.113.0/24"),
        ("127.0.0.1", "203.0.113.1, 10.1.2.3", ("10.0.0.0/8",), "203.0.113.0/24"),
        ("127.0.0.1", "nonsense", (), "127.0.0.0/24"),
        ("127.0.0.1", '"[2001:db8:1:2::9]:443"', (), "2001:db8:1::/48"),
        ("127.0.0.1", "2001:db8:1:2::9%eth0", (), "2001:db8:1::/48"),
        ("127.0.0.1", "203.0.113.1:5000", (), "203.0.113.0/24"),
        ("127.0.0.1", "::ffff:203.0.113.1", (), "203.0.113.0/24"),
    ],
)
def test_who_sent_it_is_believed_of_our_own_proxies_alone(client, forwarded, proxies, network):
    import ipaddress

    from publisher.comments.service.tokens import network_of, sender

    assert str(network_of(sender(client, forwarded, [ipaddress.ip_network(one) for one in proxies]))) == network


# whose page asks


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://small.example"},
        {"origin": "https://small.example.evil.example"},
        {"origin": "https://small.example:8443"},
        {"origin": "https://small.example/"},
        {"origin": "https://user@small.example"},
        {"origin": "HTTPS://SMALL.EXAMPLE"},
        {"origin": ""},
        {"origin": None},
        {"origin": None, "referer": "https://evil.example/https://small.example/"},
        {"origin": None, "referer": "https://small.example@evil.example/"},
        {"origin": None, "referer": "about:blank"},
        {"origin": "https://evil.example", "referer": "https://small.example/"},
        {"origin": "https://comments.small.example"},
    ],
)
def test_only_pages_of_the_show_may_send(reader, headers):
    refused(reader.post(headers=headers), "nonce" if headers["origin"] == "https://comments.small.example" else "origin")
    assert reader.stored("held", "spam") == ()


def test_without_an_origin_the_referer_is_judged(reader):
    assert reader.post(headers={"origin": None, "referer": "https://small.example/episodes/first.html"}).status_code == 201


def test_a_body_that_is_no_form_cannot_come_from_another_page(reader):
    fields = reader.fields(nonce=reader.nonce().json()["nonce"])
    reader.clock.now += dt.timedelta(seconds=3)
    import json

    refused(
        reader.client.post("/comments", content=json.dumps(fields), headers=reader.headers | {"content-type": "text/plain"}), "malformed"
    )
    assert reader.stored() == ()


def test_scripts_of_the_show_may_read_and_no_others(reader):
    answer = reader.nonce()
    assert answer.headers["access-control-allow-origin"] == "https://small.example"
    assert "Origin" in answer.headers["vary"]
    assert "access-control-allow-origin" not in reader.nonce(origin="https://evil.example").headers
    asked = {"origin": "https://small.example", "access-control-request-method": "PATCH", "access-control-request-headers": "authorization"}
    leave = reader.client.options("/comments/abc", headers=asked)
    assert leave.status_code == 204
    assert "PATCH" in leave.headers["access-control-allow-methods"]
    assert "Authorization" in leave.headers["access-control-allow-headers"]
    assert (
        "access-control-allow-origin" not in reader.client.options("/comments", headers=asked | {"origin": "https://evil.example"}).headers
    )
    refusal = reader.post(text="no")
    assert refusal.headers["access-control-allow-origin"] == "https://small.example"


def test_shows_are_told_apart_by_origin_and_by_page(service, published, german, neighbour):
    readers = service(published, german, neighbour)
    for reader in readers:
        assert reader.post(text="The same words in three shows.").status_code == 201
    for reader in readers:
        assert [comment.consent_language for comment in reader.stored()] == [reader.show.language]
    token = readers[0].post().json()
    refused(
        readers[1].client.delete(f"/comments/{token['id']}", headers=readers[1].headers | {"authorization": f"Bearer {token['token']}"}),
        "token",
    )


# one's own


def test_the_author_may_edit_for_a_quarter_of_an_hour(reader):
    said = reader.post().json()
    mine = reader.headers | {"authorization": f"Bearer {said['token']}"}
    reader.clock.now += dt.timedelta(minutes=14)
    edited = reader.client.patch(f"/comments/{said['id']}", data={"text": "Other words of mine."}, headers=mine)
    assert edited.status_code == 200
    assert edited.json() == {"id": said["id"], "state": "held", "text": "Other words of mine."}
    assert reader.stored()[0].text == "Other words of mine."
    assert reader.stored()[0].edited == reader.clock.now
    refused(reader.client.patch(f"/comments/{said['id']}", json={"text": "short"}, headers=mine), "short")
    refused(reader.client.patch(f"/comments/{said['id']}", json={"text": "Not mine at all."}, headers=reader.headers), "token")
    refused(reader.client.patch("/comments/nobody", json={"text": "Not mine at all."}, headers=mine), "token")
    refused(
        reader.client.patch(
            f"/comments/{said['id']}", json={"text": "Not mine at all."}, headers=mine | {"origin": "https://evil.example"}
        ),
        "origin",
    )
    reader.clock.now += dt.timedelta(minutes=2)
    refused(reader.client.patch(f"/comments/{said['id']}", json={"text": "Too late for this."}, headers=mine), "late")


def test_words_that_nobody_read_do_not_take_the_place_of_approved_ones(reader):
    said = reader.post().json()
    decide(reader.taking.database, reader.show.guid, said["id"], "approved", reader.clock.now)
    mine = reader.headers | {"authorization": f"Bearer {said['token']}"}
    assert reader.client.patch(f"/comments/{said['id']}", json={"text": "Something else entirely."}, headers=mine).json()["state"] == "held"
    assert reader.taking.database.approved(reader.show.guid, "first") == ()
    assert ("page", "first") in outbox(reader)


def test_what_was_answered_stays_as_it_is(reader):
    said = reader.post().json()
    decide(reader.taking.database, reader.show.guid, said["id"], "approved", reader.clock.now)
    answer = reader.post(reply_to=said["id"]).json()
    mine = reader.headers | {"authorization": f"Bearer {said['token']}"}
    refused(reader.client.patch(f"/comments/{said['id']}", json={"text": "I never said that."}, headers=mine), "answered")
    decide(reader.taking.database, reader.show.guid, answer["id"], "approved", reader.clock.now)
    below = reader.post(reply_to=answer["id"]).json()
    assert reader.taking.database.find(reader.show.guid, below["id"]).reply_to == said["id"]  # one level deep


def test_an_edit_keeps_the_bounds_of_a_post(reader):
    there = reader.post(text="What was there before.")
    mine = reader.post(text="What stands there now.").json()
    headers = reader.headers | {"authorization": f"Bearer {mine['token']}"}

    def edited(text):
        return reader.client.patch(f"/comments/{mine['id']}", json={"text": text}, headers=headers).json().get("code", "")

    assert there.status_code == 201
    codes = {
        text: edited(text) for text in ("what WAS there before.", "short", "a" * 5001, "https://a.example " * 3, "What stands there now.")
    }
    assert list(codes.values()) == ["twice", "short", "long", "links", ""]
    assert [comment.text for comment in reader.stored()] == ["What was there before.", "What stands there now."]


def test_the_author_may_delete_for_ever(reader):
    said = reader.post().json()
    decide(reader.taking.database, reader.show.guid, said["id"], "approved", reader.clock.now)
    reader.clock.now += dt.timedelta(days=400)
    mine = reader.headers | {"authorization": f"Bearer {said['token']}"}
    refused(reader.client.delete(f"/comments/{said['id']}", headers=reader.headers), "token")
    refused(reader.client.delete(f"/comments/{said['id']}", headers=reader.headers | {"authorization": "Bearer x"}), "token")
    assert reader.client.delete(f"/comments/{said['id']}", headers=mine).json() == {"id": said["id"], "state": "erased"}
    (left,) = reader.stored("erased")
    assert (left.name, left.text, left.consent, left.author) == ("", "", "", "")
    assert ("page", "first") in outbox(reader)
    refused(reader.client.delete(f"/comments/{said['id']}", headers=mine), "token")


def test_a_token_is_used_again_and_only_one_of_ours(reader):
    first = reader.post().json()["token"]
    assert reader.post(token=first).json()["token"] == first
    assert reader.taking.database.list(reader.show.guid, ("held",))[0].author == reader.stored()[1].author
    for forged in ("x" * 66, first[:-1] + "_", first + " ", "", "AAAAAAAAAAAAAAAAAAAAAA." + "A" * 43):
        assert reader.post(token=forged).json()["token"] not in (forged, first)


def test_an_answer_to_what_is_not_shown_is_refused(reader):
    held = reader.post().json()["id"]
    refused(reader.post(reply_to=held), "reply")
    decide(reader.taking.database, reader.show.guid, held, "approved", reader.clock.now)
    refused(reader.post(reply_to=held, episode="second", guid="second-guid"), "reply")
    assert reader.post(reply_to=held).status_code == 201


def outbox(reader):
    """What is to be done: kind and payload."""
    import sqlalchemy as sql

    with reader.taking.database.access.read() as connection:
        return [tuple(row) for row in connection.execute(sql.text("SELECT kind, payload FROM outbox ORDER BY number"))]


# without a script


def test_a_form_without_a_script_is_asked_once_more_and_then_thanked(reader):
    import lxml.html

    browser = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    fields = reader.fields(text="<b>Ten</b> letters & more\n\n\"quoted\" 'twice'", name="<script>")
    asked = reader.send(fields, **browser)
    assert asked.status_code == 200
    assert asked.headers["content-type"].startswith("text/html")
    assert "script" not in asked.headers["content-security-policy"]
    page = lxml.html.fromstring(asked.text)
    (form,) = page.forms
    assert not page.xpath("//script | //b")
    again = {**form.fields}
    assert {name: again[name] for name in fields} == fields
    assert reader.stored() == ()
    reader.clock.now += dt.timedelta(seconds=3)
    done = reader.send(again, **browser, origin="https://comments.small.example")
    assert done.status_code == 200
    assert "https://small.example/episodes/first.html" in done.text
    assert [comment.text for comment in reader.stored()] == ["<b>Ten</b> letters & more\n\n\"quoted\" 'twice'"]
    assert reader.send(again, **browser, origin="https://comments.small.example").status_code == 200
    assert len(reader.stored()) == 1


def test_a_page_of_the_service_sends_what_it_was_asked_for_alone(reader):
    browser = {"accept": "text/html", "origin": "https://comments.small.example"}
    stolen = reader.nonce().json()["nonce"]
    reader.clock.now += dt.timedelta(seconds=3)
    assert reader.send(reader.fields(nonce=stolen), **browser).status_code == 403
    assert reader.send(reader.fields(), **browser).status_code == 403
    assert reader.stored() == ()


def test_a_refusal_without_a_script_is_a_page_in_the_readers_language(service, german):
    (reader,) = service(german)
    answer = reader.send(reader.fields(text="kurz"), accept="text/html")
    assert answer.status_code == 422
    assert 'lang="de"' in answer.text
    assert "mindestens 10 Zeichen" in answer.text


def test_the_way_back_leads_to_the_site_alone(reader):
    for page in ("https://evil.example/", "javascript:alert(1)", "https://small.example.evil.example/", "//evil.example"):
        answer = reader.send(reader.fields(page=page), accept="text/html")
        assert answer.status_code == 200
        assert 'href="https://small.example/episodes/first.html"' in answer.text
        assert f'href="{page}' not in answer.text


# altcha


def test_with_altcha_the_browser_works_for_each_comment(service, published):
    import base64
    import json

    from altcha.v1 import Challenge, solve_challenge

    (reader,) = service(published, settings={"captcha": "altcha"})

    def solved(given):
        made = given["altcha"]
        number = solve_challenge(made["challenge"], made["salt"], made["algorithm"], made["maxNumber"]).number
        return base64.b64encode(json.dumps(made | {"number": number}).encode()).decode()

    assert Challenge
    given, other = reader.nonce().json(), reader.nonce().json()
    work = solved(given)
    refused(reader.post(nonce=given["nonce"]), "captcha")
    for bad in ("", "x", work[:-8], base64.b64encode(b"[]").decode(), base64.b64encode(b'{"salt": null}').decode(), "A" * 5000):
        refused(reader.post(nonce=given["nonce"], altcha=bad), "captcha")
    refused(reader.post(nonce=other["nonce"], altcha=work), "captcha")
    assert reader.post(nonce=given["nonce"], altcha=work).status_code == 201
    refused(reader.post(nonce=given["nonce"], altcha=work), "used")
    assert reader.send(reader.fields(), accept="text/html").status_code == 403
