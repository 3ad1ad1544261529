"""A folder as storage: where things lie, what survives, and what is said when the disk refuses."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from publisher.core.errors import StorageError
from publisher.stores import directory as module
from publisher.stores.directory import DirectoryStore
from publisher.stores.directory_errors import explained
from publisher.stores.file_lock import hold
from publisher.stores.protocol import ConditionFailed, Headers
from tests.support import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = Headers(content_type="text/html")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "public"


def refusal(call: Callable[[], object]) -> StorageError:
    with pytest.raises(StorageError) as caught:
        call()
    return caught.value


def files_below(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_our_own_keys_lie_in_a_folder_that_hosts_do_not_drop(folder: Path) -> None:
    store = DirectoryStore(folder)
    store.put(".airdate/state/2026.json", b"{}", PAGE)
    store.put("episodes/a.html", b"<p>", PAGE)
    assert files_below(folder) == ["airdate-state/state/2026.json", "episodes/a.html"]


@pytest.mark.parametrize("key", ["airdate-state/state", "airdate-state", ".airdate/.lock", ".airdate/.tmp/x", ".airdate"])
def test_the_names_of_that_folder_are_not_for_others(folder: Path, key: str) -> None:
    assert refusal(lambda: DirectoryStore(folder).put(key, b"", PAGE)).code == "storage-key"


def test_a_dotfile_outside_of_it_is_a_file_like_any_other(folder: Path) -> None:
    store = DirectoryStore(folder)
    store.put(".nojekyll", b"", PAGE)
    assert [line.key for line in store.list("")] == [".nojekyll"]


def test_nothing_is_made_by_looking(folder: Path) -> None:
    store = DirectoryStore(folder)
    assert store.read(".airdate/state") is None
    assert list(store.list("")) == []
    store.delete(["feed.xml"])
    store.flush()
    assert not folder.exists()


def test_a_web_server_may_read_what_the_umask_allows(folder: Path) -> None:
    DirectoryStore(folder).put("index.html", b"x", PAGE)
    mask = os.umask(0)
    os.umask(mask)
    assert (folder / "index.html").stat().st_mode & 0o777 == 0o666 & ~mask


def test_a_link_that_leads_out_of_the_folder_is_not_followed(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("secret")
    folder.mkdir()
    (folder / "episodes").symlink_to(outside)
    (folder / "feed.xml").symlink_to(outside / "secret.txt")
    store = DirectoryStore(folder)
    for key in ("episodes/secret.txt", "feed.xml"):
        for call in (lambda: store.read(key), lambda: store.put(key, b"!", PAGE), lambda: store.delete([key]), lambda: store.head(key)):  # noqa: B023
            assert refusal(call).code == "storage-path"
    assert (outside / "secret.txt").read_text() == "secret"
    assert list(store.list("")) == []


def test_the_folder_itself_may_be_a_link(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    folder.symlink_to(tmp_path / "elsewhere")
    DirectoryStore(folder).put("index.html", b"x", PAGE)
    assert (tmp_path / "elsewhere" / "index.html").read_bytes() == b"x"


def test_a_large_file_is_read_once_for_its_etag(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = DirectoryStore(folder)
    first = store.put("media/a.mp3", b"sound" * 100_000, PAGE)
    digests = []
    real = module.hashlib.file_digest
    monkeypatch.setattr(module.hashlib, "file_digest", lambda *given: digests.append(given) or real(*given))
    assert [line.etag for line in store.list("")] == [first]
    assert digests == []
    time.sleep(0.01)
    (folder / "media" / "a.mp3").write_bytes(b"other" * 100_000)
    second = store.head("media/a.mp3")
    assert second is not None
    assert second.etag != first
    store.head("media/a.mp3")
    assert len(digests) == 1


def test_empty_folders_go_with_their_last_file(folder: Path) -> None:
    store = DirectoryStore(folder)
    store.put("episodes/a/b.html", b"", PAGE)
    store.put("index.html", b"", PAGE)
    store.delete(["episodes/a/b.html"])
    assert not (folder / "episodes").exists()
    assert (folder / "index.html").exists()


def test_a_second_publish_is_told_that_one_is_running(folder: Path) -> None:
    with DirectoryStore(folder).lock():
        error = refusal(lambda: DirectoryStore(folder).lock().__enter__())
        assert error.code == "storage-busy"
        assert "another publish is running" in error.message
    with DirectoryStore(folder).lock():
        pass


def test_a_second_publish_that_waits_gets_its_turn(folder: Path) -> None:
    first = DirectoryStore(folder).lock()
    first.__enter__()
    timer = threading.Timer(0.2, lambda: first.__exit__(None, None, None))
    timer.start()
    with DirectoryStore(folder).lock(wait=10):
        pass
    timer.join()


HOLDER = """
import sys, time
from pathlib import Path
from publisher.stores.directory import DirectoryStore
with DirectoryStore(Path(sys.argv[1])).lock():
    print("held", flush=True)
    time.sleep(60)
"""


def test_the_lock_of_a_killed_publish_is_free(folder: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(folder)], cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        assert refusal(lambda: DirectoryStore(folder).lock().__enter__()).code == "storage-busy"
        process.kill()
        process.wait()
    with DirectoryStore(folder).lock():
        pass


WRITER = """
import sys
from pathlib import Path
from publisher.stores.protocol import Headers
from publisher.stores.directory import DirectoryStore
store = DirectoryStore(Path(sys.argv[1]))
while True:
    for letter in b"abc":
        store.put("feed.xml", bytes([letter]) * 3_000_000, Headers(content_type="text/xml"))
        print(".", end="", flush=True)
"""


def test_a_file_is_whole_whenever_the_publish_is_killed(folder: Path) -> None:
    for turn in range(5):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(folder)], cwd=ROOT, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.read(2)
            time.sleep(0.004 * turn)
            process.kill()
        body = (folder / "feed.xml").read_bytes()
        assert len(body) == 3_000_000
        assert len(set(body)) == 1
    assert [line.key for line in DirectoryStore(folder).list("")] == ["feed.xml"]


def test_leftovers_of_killed_publishes_are_cleared_after_a_day(folder: Path) -> None:
    store = DirectoryStore(folder)
    store.put("feed.xml", b"x", PAGE)
    temporary = folder / "airdate-state" / ".tmp"
    for name, age in (("old", 90_000), ("young", 60)):
        (temporary / name).write_bytes(b"x")
        os.utime(temporary / name, (time.time() - age, time.time() - age))
    with store.lock():
        assert [path.name for path in temporary.iterdir()] == ["young"]


RACER = """
import sys
from pathlib import Path
from publisher.stores.protocol import ConditionFailed, Headers
from publisher.stores.directory import DirectoryStore
store = DirectoryStore(Path(sys.argv[1]))
sys.stdin.readline()
won = 0
for turn in range(200):
    try:
        store.put(f"claims/{turn}", sys.argv[2].encode(), Headers(content_type="text/plain"), if_absent=True)
        won += 1
    except ConditionFailed:
        pass
print(won)
"""


def test_of_racing_processes_exactly_one_wins_each_claim(folder: Path) -> None:
    arguments = [sys.executable, "-c", RACER, str(folder)]
    racers = [subprocess.Popen([*arguments, str(one)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for one in range(3)]
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write(b"go\n")
        racer.stdin.flush()
    assert sum(int(racer.communicate()[0]) for racer in racers) == 200


def test_between_a_condition_and_its_write_nobody_else_writes(folder: Path) -> None:
    store = DirectoryStore(folder)
    store.put("index.html", b"", PAGE)
    outcome: list[str] = []

    def claim() -> None:
        try:
            outcome.append(store.put(".airdate/claims/1", b"mine", PAGE, if_absent=True))
        except ConditionFailed:
            outcome.append("lost")

    with hold(folder / "airdate-state" / ".conditions"):
        thread = threading.Thread(target=claim)
        thread.start()
        time.sleep(0.2)
        assert outcome == []
        store.put(".airdate/claims/1", b"theirs", PAGE)
    thread.join()
    assert outcome == ["lost"]


def test_an_etag_condition_sees_an_edit_by_hand(folder: Path) -> None:
    store = DirectoryStore(folder)
    etag = store.put("index.html", b"ours", PAGE)
    (folder / "index.html").write_bytes(b"edited by hand")
    with pytest.raises(ConditionFailed):
        store.put("index.html", b"new", PAGE, if_match=etag)


def test_a_folder_where_a_file_has_to_go_is_named(folder: Path) -> None:
    (folder / "feed.xml").mkdir(parents=True)
    error = refusal(lambda: DirectoryStore(folder).put("feed.xml", b"x", PAGE))
    assert (error.code, "a folder lies where a file has to go" in error.cause) == ("storage-path", True)
    assert str(folder / "feed.xml") in error.cause
    assert not list((folder / "airdate-state" / ".tmp").iterdir())


def test_a_file_where_a_folder_has_to_go_is_named(folder: Path) -> None:
    folder.mkdir()
    (folder / "episodes").write_text("a file")
    store = DirectoryStore(folder)
    error = refusal(lambda: store.put("episodes/a.html", b"x", PAGE))
    assert (error.code, "a file lies where a folder has to go" in error.cause) == ("storage-path", True)
    assert store.read("episodes/a.html") is None


def test_a_recording_that_is_gone_is_named(folder: Path, tmp_path: Path) -> None:
    error = refusal(lambda: DirectoryStore(folder).put("media/a.mp3", tmp_path / "none.mp3", PAGE))
    assert error.code == "storage-missing"
    assert "none.mp3" in error.cause


def test_a_full_disk_is_told_and_leaves_the_old_file(folder: Path) -> None:
    store = DirectoryStore(folder)
    store.put("feed.xml", b"old", PAGE)
    temporary = folder / "airdate-state" / ".tmp"
    program = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from publisher.core.errors import StorageError; from publisher.stores.protocol import Headers\n"
        "from publisher.stores.directory import DirectoryStore\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try: DirectoryStore(Path(sys.argv[1])).put('feed.xml', b'new' * 1000, Headers(content_type='text/xml'))\n"
        "except StorageError as error: print(error.code)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(folder)], cwd=ROOT, capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.strip() == "storage-full"
    assert (folder / "feed.xml").read_bytes() == b"old"
    assert not list(temporary.iterdir())


def test_a_folder_without_permission_is_told() -> None:
    program = (
        "import os, sys; from pathlib import Path\n"
        "from publisher.core.errors import StorageError; from publisher.stores.protocol import Headers\n"
        "from publisher.stores.directory import DirectoryStore\n"
        "if os.geteuid() == 0: os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "try: DirectoryStore(Path(sys.argv[1])).put('feed.xml', b'new', Headers(content_type='text/xml'))\n"
        "except StorageError as error: print(error.code, error.cause)"
    )
    with tempfile.TemporaryDirectory() as name:  # root's own tmp_path lets nobody in
        Path(name).chmod(0o555)
        done = subprocess.run([sys.executable, "-c", program, name], cwd=ROOT, capture_output=True, text=True, check=False, timeout=30)
        Path(name).chmod(0o755)
    assert done.stdout.startswith("storage-denied no permission"), done.stderr


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "storage-full"),
        (errno.EDQUOT, "storage-full"),
        (errno.EROFS, "storage-readonly"),
        (errno.EACCES, "storage-denied"),
        (errno.ENAMETOOLONG, "storage-path"),
        (errno.EIO, "storage-failed"),
    ],
)
def test_each_refusal_of_the_system_has_its_own_name(number: int, code: str) -> None:
    def fail() -> None:
        with explained("feed.xml"):
            raise OSError(number, os.strerror(number), "public/feed.xml")

    error = refusal(fail)
    assert error.code == code
    assert "public/feed.xml" in error.cause
    assert error.hint


def test_a_name_too_long_for_the_file_system_is_an_error_of_ours(folder: Path) -> None:
    assert refusal(lambda: DirectoryStore(folder).put("x" * 300, b"", PAGE)).code == "storage-path"


def test_flush_reaches_every_file_and_its_folders(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[Path] = []
    real = module.sync
    monkeypatch.setattr(module, "sync", lambda path: synced.append(path) or real(path))
    store = DirectoryStore(folder)
    store.put("episodes/a/b.html", b"", PAGE)
    store.put(".airdate/state", b"", PAGE)
    store.flush()
    names = [path.relative_to(folder).as_posix() for path in synced]
    assert set(names) == {"episodes/a/b.html", "airdate-state/state", "episodes/a", "episodes", "airdate-state", "."}
    assert max(names.index("episodes/a/b.html"), names.index("airdate-state/state")) < names.index("episodes/a")
    synced.clear()
    store.flush()
    assert synced == []


def test_a_copy_shares_no_file_with_the_recording(folder: Path, tmp_path: Path) -> None:
    recording = tmp_path / "audio.mp3"
    recording.write_bytes(b"sound")
    DirectoryStore(folder).put("media/a.mp3", recording, PAGE)
    assert (folder / "media" / "a.mp3").stat().st_ino != recording.stat().st_ino
