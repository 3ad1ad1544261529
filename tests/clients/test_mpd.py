"""A published recording in a music player: MPD reads its tags and its cover from the file alone."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time

import pytest

from tests.support import ROOT
from tests.support.needs import needs
from tests.support.servers import free_ports

EPISODE = ROOT / "episodes" / "2026-05-03-the-zip-that-unbites-itself"


class Player:
    """A running MPD, asked in its own protocol."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self._file = self._socket.makefile("rb")
        self._file.readline()

    def close(self) -> None:
        """Both ends of the line."""
        self._file.close()
        self._socket.close()

    def ask(self, command: str) -> list[str]:
        """The lines of an answer, up to OK."""
        self._socket.sendall(command.encode() + b"\n")
        lines = []
        for _ in range(1000):
            line = self._file.readline().decode().rstrip("\n")
            if line == "OK" or line.startswith("ACK"):
                return lines
            lines.append(line)
        raise AssertionError("the answer does not end")

    def picture(self, name: str) -> bytes:
        """The cover inside a file."""
        found = b""
        for _ in range(1000):
            self._socket.sendall(f'readpicture "{name}" {len(found)}\n'.encode())
            size = total = 0
            while (line := self._file.readline().decode().rstrip("\n")) != "OK":
                key, _, value = line.partition(": ")
                if key == "size":
                    total = int(value)
                if key == "binary":
                    size = int(value)
                    found += self._file.read(size)
                    self._file.readline()
                if line.startswith("ACK"):
                    return b""
            if not size or len(found) >= total:
                return found
        return found


@pytest.fixture
def player(tmp_path):
    """MPD over a folder with one published copy."""
    from feed.model import Chapter
    from publisher.media.measure import measure_audio
    from publisher.media.tag_values import AudioTags
    from publisher.media.tagged_copy import write_copy

    music = tmp_path / "music"
    music.mkdir()
    tags = AudioTags(
        title="The zip",
        show="A show",
        artist="Tilda, Oswin",
        number=7,
        cover=(ROOT / "artwork.jpg").read_bytes(),
        chapters=(Chapter(start=0, title="One"), Chapter(start=20, title="Two"), Chapter(start=40, title="Three")),
    )
    write_copy(EPISODE / "audio.mp3", music / "zip.mp3", tags, facts=measure_audio(EPISODE / "audio.mp3"))
    (port,) = free_ports(1)
    config = tmp_path / "mpd.conf"
    (tmp_path / "playlists").mkdir()
    config.write_text(
        f'music_directory "{music}"\nplaylist_directory "{tmp_path / "playlists"}"\ndb_file "{tmp_path / "db"}"\n'
        f'bind_to_address "127.0.0.1"\nport "{port}"\nlog_file "{tmp_path / "log"}"\naudio_output {{\n type "null"\n name "none"\n}}\n'
    )
    process = subprocess.Popen([shutil.which("mpd"), "--no-daemon", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            try:
                connected = Player(port)
                break
            except OSError:
                time.sleep(0.1)
        else:
            raise AssertionError((tmp_path / "log").read_text())
        connected.ask("update")
        for _ in range(100):
            if not any(line.startswith("updating_db") for line in connected.ask("status")):
                break
            time.sleep(0.1)
        yield connected
        connected.close()
    finally:
        process.kill()
        process.wait(timeout=10)


@needs("clients", "mpd")
def test_a_music_player_shows_title_show_number_length_and_cover_of_the_published_copy(player):
    rows = dict(line.split(": ", 1) for line in player.ask('lsinfo "zip.mp3"'))
    assert (rows["Title"], rows["Album"], rows["Artist"], rows["Track"]) == ("The zip", "A show", "Tilda, Oswin", "7")
    assert abs(float(rows["duration"]) - 73) < 1.5
    assert player.picture("zip.mp3").startswith(b"\xff\xd8")
