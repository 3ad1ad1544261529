"""Logs whatever they are packed in: the same lines come out, in bounded blocks, and what breaks off says where."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import json
import lzma
import tracemalloc

import pytest

from publisher.core.errors import StorageError
from publisher.stats import blocks as reading
from publisher.stats import unpacking
from publisher.stats.blocks import LONGEST, blocks, clean_line, first_lines

zstd = pytest.importorskip("backports.zstd")

LINES = [f"203.0.113.{number % 250} line {number} of the log" for number in range(5_000)]
TEXT = "".join(f"{line}\n" for line in LINES).encode()
PACKERS = {"plain": bytes, "gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress, "zstd": zstd.compress}


def lines_of(path) -> list[str]:
    return b"".join(blocks(path)).decode().splitlines()


def log(tmp_path, data: bytes, name: str = "access.log"):
    path = tmp_path / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("name", ["access.log", "access.log.gz", "no ending"])
def test_what_a_log_is_packed_in_is_told_by_its_content(tmp_path, packer, name):
    path = log(tmp_path, PACKERS[packer](TEXT), name)
    assert lines_of(path) == LINES
    assert first_lines(path)[:50] == LINES[:50]


@pytest.mark.parametrize("packer", ["gzip", "bzip2", "xz", "zstd"])
def test_several_members_are_one_log(tmp_path, packer):
    pack = PACKERS[packer]
    half = TEXT.index(b"\n", len(TEXT) // 2) - 9  # a member may end within a line
    assert lines_of(log(tmp_path, pack(TEXT[:half]) + pack(b"") + pack(TEXT[half:]))) == LINES
    assert lines_of(log(tmp_path, pack(TEXT) + b"\0" * 5_000)) == LINES


@pytest.mark.parametrize("packer", ["gzip", "bzip2", "xz", "zstd"])
def test_a_torn_log_is_read_as_far_as_it_goes_and_says_so(tmp_path, packer):
    lines = [hashlib.md5(b"%d" % number, usedforsecurity=False).hexdigest() for number in range(30_000)]
    packed = PACKERS[packer]("".join(f"{line}\n" for line in lines).encode())
    *read, last = lines_of(log(tmp_path, packed[: len(packed) // 2]))
    whole = read[:-1] if read[-1] != lines[len(read) - 1] else read
    assert whole == lines[: len(whole)]
    assert packer in {"bzip2", "xz"} or len(whole) > 7_000
    assert last == "(access.log breaks off here: it ends in the middle of what is packed)"


@pytest.mark.parametrize("packer", ["gzip", "bzip2", "xz", "zstd"])
@pytest.mark.parametrize("junk", [b"this is no member", b"\x1f\x8bnor this"])
def test_what_follows_a_packed_log_and_is_none_is_shown(tmp_path, packer, junk):
    *read, last = lines_of(log(tmp_path, PACKERS[packer](TEXT) + junk))
    assert [line for line in read if line.strip()] == LINES
    assert "breaks off here" in last


@pytest.mark.parametrize("packer", ["gzip", "bzip2", "xz", "zstd"])
def test_a_bomb_is_not_unpacked_to_its_end(tmp_path, packer, monkeypatch):
    monkeypatch.setattr(unpacking, "ALWAYS", 1 << 20)
    path = log(tmp_path, PACKERS[packer](b"\0" * (24 << 20)))
    assert path.stat().st_size < 200_000
    tracemalloc.start()
    last = lines_of(path)[-1]
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert last == "(access.log breaks off here: it unpacks to more than 250 times its size)"
    assert most < 20 << 20


def test_a_log_of_one_line_again_and_again_is_no_bomb(tmp_path):
    line = b'203.0.113.9 - - [01/Jun/2026:08:00:05 +0000] "GET /media/one-1a2b3c4d.mp3 HTTP/1.1" 200 9000 "-" "AntennaPod/3.4.0"\n'
    assert len(lines_of(log(tmp_path, gzip.compress(line * 150_000, 6)))) == 150_000


def test_long_lines_are_cut_wherever_they_stand(tmp_path):
    huge = "é".encode() * (1 << 19) + b"x"
    text = b"one\n" + huge + b"\ntwo\n" + huge + b"\n" + b"y" * (LONGEST - 1) + b"\nthree\n" + huge
    read = lines_of(log(tmp_path, text))
    assert [line if len(line) < 9 else line[:11] for line in read] == [
        "one",
        "(a line of ",
        "two",
        "(a line of ",
        "y" * 11,
        "three",
        "(a line of ",
    ]
    assert max(map(len, read)) <= LONGEST


def test_a_file_without_an_end_of_line_stays_small(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "BLOCK", 1 << 20)
    path = log(tmp_path, b"z" * (40 << 20))
    tracemalloc.start()
    (line,) = lines_of(path)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert line.startswith("(a line of more than")
    assert most < 12 << 20


def test_bytes_that_are_no_text_stay_within_their_line(tmp_path):
    text = b"a\0b\nlone\rcr\r\ncaf\xe9\n\xff\xfe\n\n\ncaf\xc3\xa9\nend"
    assert lines_of(log(tmp_path, text)) == ["a?b", "lone?cr", r"caf\xe9", r"\xff\xfe", "", "", "café", "end"]


def test_blocks_end_where_lines_do(tmp_path, monkeypatch):
    monkeypatch.setattr(unpacking, "CHUNK", 500)
    monkeypatch.setattr(reading, "BLOCK", 2_000)
    for pack in PACKERS.values():
        found = list(blocks(log(tmp_path, pack(TEXT))))
        assert len(found) > 50
        assert all(block.endswith(b"\n") and not block.endswith(b"\n\n") for block in found)
        assert b"".join(found) == TEXT


@pytest.mark.parametrize("packer", PACKERS)
def test_what_was_read_before_is_passed_over(tmp_path, packer):
    path = log(tmp_path, PACKERS[packer](TEXT))
    known = len("".join(f"{line}\n" for line in LINES[:2_000]))
    assert b"".join(blocks(path, skip=known)).decode().splitlines() == LINES[2_000:]
    assert list(blocks(path, skip=len(TEXT))) == []


def test_a_mark_before_the_text_is_no_part_of_its_first_line(tmp_path):
    for pack in PACKERS.values():
        assert lines_of(log(tmp_path, pack(b"\xef\xbb\xbf" + TEXT))) == LINES
    assert [json.loads(line) for line in lines_of(log(tmp_path, b"\xef\xbb\xbf" + json.dumps({"data": ENTRIES}).encode()))] == ENTRIES


def test_an_empty_log_has_no_line(tmp_path):
    for data in (b"", gzip.compress(b""), zstd.compress(b"")):
        path = log(tmp_path, data)
        assert list(blocks(path)) == [] and first_lines(path) == []


def test_a_log_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(StorageError):
        list(blocks(tmp_path / "none.log"))
    with pytest.raises(StorageError):
        first_lines(tmp_path)


ENTRIES = [{"remoteIp": f"203.0.113.{number}", "userAgent": 'with "quotes"\n', "statusCode": 200} for number in range(9)]


@pytest.mark.parametrize(
    "document",
    [
        json.dumps({"data": ENTRIES, "pagination": {"hasMore": False}}),
        json.dumps({"pagination": {"hasMore": False}, "data": ENTRIES}, indent=2),
        json.dumps({"data": ENTRIES[:4]}) + "\n" + json.dumps({"data": ENTRIES[4:]}),
        json.dumps(ENTRIES),
        json.dumps(ENTRIES, indent=1),
        "\n".join(json.dumps(entry, indent=1) for entry in ENTRIES),
        json.dumps({"success": True, "errors": [], "result": {"run": {}, "events": {"events": ENTRIES, "count": 9}}}),
    ],
)
def test_entries_of_json_documents_are_lines(tmp_path, document):
    for pack in PACKERS.values():
        assert [json.loads(line) for line in lines_of(log(tmp_path, pack(document.encode())))] == ENTRIES


@pytest.mark.parametrize("end", [b"", b"\r", b"\r\n"])
def test_lines_that_end_as_on_windows_are_the_same_up_to_the_last_one(tmp_path, end, monkeypatch):
    expected = [f"line {number}" for number in range(9)]
    text = b"\r\n".join(line.encode() for line in expected) + end
    for size in (reading.BLOCK, 20):
        monkeypatch.setattr(reading, "BLOCK", size)
        assert lines_of(log(tmp_path, text)) == expected


@pytest.mark.parametrize("line", [b"plain", b"caf\xe9 \xc3\xa9\r", b"a\x01b\tc\x7f", b"x" * 70_000, b"", b"\r\r"])
def test_a_line_alone_is_cleaned_as_it_is_among_others(tmp_path, line):
    assert f"{clean_line(line).strip()}\n" == b"".join(blocks(log(tmp_path, line + b"\nrest\n"))).decode().removesuffix("rest\n").lstrip(
        " "
    )


def test_json_lines_stay_as_they_are(tmp_path):
    text = "".join(json.dumps(entry) + "\n" for entry in ENTRIES)
    assert b"".join(blocks(log(tmp_path, text.encode()))).decode() == text


@pytest.mark.parametrize(
    "document", [b'{"data": [{"a": 1}, {"a', b"[{}," + b"[" * 50_000, b'[{"a": 1}] and then this', b'{"data": \xff}', b"[{]"]
)
def test_json_that_is_none_is_said(tmp_path, document):
    assert "breaks off here" in lines_of(log(tmp_path, document))[-1]


def test_a_large_json_document_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(unpacking, "LARGEST_DOCUMENT", 100_000)
    (blank, said) = lines_of(log(tmp_path, b"[{}," + b"1," * 1_000_000 + b"1]"))
    assert blank == "" and "JSON document of more than" in said


def test_rows_of_parquet_are_lines(tmp_path):
    duckdb = pytest.importorskip("duckdb")
    path = tmp_path / "a.parquet"
    duckdb.sql("SELECT '203.0.113.9' AS c_ip, '/media/' || range || '.mp3' AS cs_uri_stem FROM range(12000)").write_parquet(str(path))
    found = [json.loads(line) for line in lines_of(path)]
    assert len(found) == 12_000 and found[11_999] == {"c_ip": "203.0.113.9", "cs_uri_stem": "/media/11999.mp3"}
    path.write_bytes(path.read_bytes()[:-50])
    assert "cannot be read as Parquet" in lines_of(path)[-1]
    path.write_bytes(b"PAR1" + b"\xff" * 500 + b"PAR1")
    assert "cannot be read as Parquet" in lines_of(path)[-1]


def test_another_kind_of_file_is_lines_that_no_form_reads(tmp_path):
    import zipfile

    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("access.log", TEXT)
    assert not any(line in LINES for line in lines_of(log(tmp_path, held.getvalue())))
