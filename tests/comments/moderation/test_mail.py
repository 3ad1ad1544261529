"""The mail that tells of comments, as a real server and a mail program get it."""

from __future__ import annotations

import datetime as dt

import pytest
from pydantic import ValidationError

from publisher.comments.database.values import StoredComment
from publisher.comments.moderation.mail_sending import security_of, send_mail
from publisher.comments.moderation.mail_text import mail_of
from publisher.comments.moderation.notice import Notice
from publisher.load.config_tables import CommentMailTable
from tests.support.mail_sink import MailSink

NOW = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
LINKS = {action: f"https://comments.example/moderate/{action}-signed" for action in ("approve", "reject", "spam")}


def waiting(number: int = 1, **values) -> Notice:
    given = {"id": f"c{number}", "show": "s", "episode": "first", "name": "Tilda", "text": "The hinge!", "at": 754, "created": NOW}
    return Notice(
        comment=StoredComment(**(given | values)), episode="The first one", page="https://small.example/episodes/first.html", links=LINKS
    )


def table(**values) -> CommentMailTable:
    return CommentMailTable.model_validate({"to": ["ada@small.example"], "from": "comments@small.example", "host": "localhost"} | values)


@pytest.fixture
def sink():
    found = MailSink()
    yield found
    found.stop()


def test_a_mail_has_the_comment_its_episode_and_second_and_the_links(sink):
    assert send_mail(mail_of([waiting()], "A Small Show", table(), NOW), table(port=sink.port)) == ""
    [mail] = sink.wait(1)
    assert mail["Subject"] == "A Small Show: New comment: Tilda on “The first one”, at 12:34"
    assert (mail["To"], mail["Auto-Submitted"]) == ("ada@small.example", "auto-generated")
    assert str(mail["From"]) == "A Small Show <comments@small.example>"
    text = mail.get_content()
    for part in ("    The hinge!", "https://small.example/episodes/first.html#t=754", *LINKS.values(), "publish comments"):
        assert part in text


def test_several_are_told_in_one_mail_with_one_message_id_however_often():
    first, again = (mail_of([waiting(1), waiting(2)], "A Small Show", table(), NOW) for _ in range(2))
    assert first["Message-ID"] == again["Message-ID"] != mail_of([waiting(1)], "A Small Show", table(), NOW)["Message-ID"]
    assert first["Subject"] == "A Small Show: 2 new comments"
    assert first.get_content().count("Approve: ") == 2


def test_no_comment_writes_a_header_of_its_own(sink):
    evil = waiting(name="Tilda\r\nBcc: all@small.example", text="Hello\r\n.\r\nQUIT\r\n\x00\x1b[2J🎙" + "x" * 3000)
    show = 'Show "A", <x@y.example>\nX-Evil: 1'
    assert send_mail(mail_of([evil], show, table(), NOW), table(port=sink.port)) == ""
    [mail] = sink.wait(1)
    assert set(mail.keys()) & {"Bcc", "X-Evil"} == set()
    text = mail.get_content()
    assert "\n" not in mail["Subject"] and "QUIT" in text and "🎙" + "x" * 3000 in text and "\x1b" not in text
    assert [one.addr_spec for one in mail["From"].addresses] == ["comments@small.example"]


@pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning")
@pytest.mark.parametrize("tls", [False, True], ids=["starttls", "tls"])
def test_a_server_that_wants_encryption_and_a_login_gets_both(tmp_path, monkeypatch, tls):
    sink = MailSink(tmp_path, user="ada", password="right one", tls=tls)
    monkeypatch.setenv("SSL_CERT_FILE", str(sink.certificate))
    given = table(port=sink.port, user="ada", security="tls" if tls else "starttls", password_variable="MY_PASSWORD")
    message = mail_of([waiting()], "A Small Show", given, NOW)
    try:
        assert "set MY_PASSWORD" in send_mail(message, given)
        monkeypatch.setenv("MY_PASSWORD", "wrong one")
        why = send_mail(message, given)
        assert "is MY_PASSWORD right?" in why and "wrong one" not in why
        monkeypatch.setenv("MY_PASSWORD", "right\none")
        why = send_mail(message, given)
        assert "MY_PASSWORD holds characters" in why and "right" not in why
        monkeypatch.setenv("MY_PASSWORD", " right one\n")
        assert send_mail(message, given) == ""
        assert len(sink.mails) == 1
        monkeypatch.delenv("SSL_CERT_FILE")
        assert "CERTIFICATE_VERIFY_FAILED" in send_mail(message, given)
    finally:
        sink.stop()


def test_a_server_that_is_away_or_refuses_is_told_in_a_sentence(sink):
    message, given = mail_of([waiting()], "A Small Show", table(), NOW), table(port=sink.port)
    sink.refuse = "451 come later"
    assert "come later" in send_mail(message, given)
    sink.stop()
    assert "localhost:" in send_mail(message, given)
    sink.start()


def test_how_a_connection_is_kept_secret_follows_from_host_and_port():
    assert security_of(table()) == "none"
    assert security_of(table(host="mail.example")) == "starttls"
    assert security_of(table(host="mail.example", port=465)) == "tls"
    assert security_of(table(host="mail.example", port=465, security="starttls")) == "starttls"


@pytest.mark.parametrize("address", ["ada", "Ada <ada@small.example>", "a@b@c", "ada@small.example\nBcc: x@y.example", "a b@c.example", ""])
def test_what_is_no_address_of_mail_is_refused_in_config(address):
    with pytest.raises(ValidationError):
        table(to=[address])
