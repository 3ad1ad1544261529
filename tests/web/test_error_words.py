"""What services say of errors, in their own ways."""

from __future__ import annotations

import json

import pytest

from publisher.web.error_words import error_words

LONG = "x" * 900


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"success": False, "result": LONG, "errors": [{"code": 7003, "message": "Could not route"}]}, "Could not route"),
        (
            {"type": "about:blank", "title": "Forbidden", "status": 403, "detail": "this token may not purge", "trace": LONG},
            "this token may not purge",
        ),
        ({"error": "invalid_grant", "error_description": "the code has expired"}, "the code has expired"),
        ({"error": {"message": "no such zone", "param": None}}, "no such zone"),
        ({"errors": ["the first", "the second"]}, "the first"),
        ({"msg": "Record not found", "detail": "Cannot load service"}, "Record not found"),
        ([{"error": {"code": 5}}], "5"),
        ({"data": LONG}, ""),
        ({"error": True, "errors": []}, ""),
        ({"error": {"error": {"error": {"error": {"error": {"error": "deep"}}}}}}, ""),
    ],
)
def test_of_json_the_field_that_tells_the_error_is_said(answer, words):
    assert error_words(json.dumps(answer, indent=1).encode()) == words


@pytest.mark.parametrize("answer", [b"who are you", b"{no json", b"[" * 9, b"\xff", b""])
def test_what_is_no_json_stays_as_it_is(answer):
    assert error_words(answer) == answer.decode("utf-8", "replace")


def test_json_that_is_nested_without_end_is_text():
    assert error_words(b"[" * 100_000).startswith("[")
