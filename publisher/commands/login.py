"""`publish login`: the storage's keys, tried out, then kept where the AWS tools keep theirs, and never anywhere else."""

from __future__ import annotations

import os
import re
import secrets
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from publisher.core import layout
from publisher.core.command_call import Call, common
from publisher.core.errors import PlanRefused, StorageError, UsageError
from publisher.core.json_results import Result
from publisher.load.config_edits import with_values, written_line
from publisher.load.config_reader import ConfigFile, read_config
from publisher.stores.open_store import Location, open_store
from publisher.stores.protocol import Headers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from publisher.core.console import Console

VARIABLES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_PROFILE")
LONGEST_KEY = 512
MAX_CREDENTIALS = 1024 * 1024
_PROFILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_WHERE = re.compile(r" \(the (?:key|secret|token) in [A-Z_]+\)$")
"""The variable that stands in for what was typed."""
_SECTION = re.compile(r"[ \t]*\[([^\]\n]*)\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """A key and its secret. The secret is not shown in any form of this value."""

    key_id: str
    secret: str

    def __repr__(self) -> str:
        return f"Keys(key_id={self.key_id!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedIn(Result):
    """What `publish login` did."""

    profile: str
    """Where the keys are kept, in the credentials file."""
    credentials: str
    """That file."""
    verified: bool
    """Whether they were tried on the storage."""
    config_changed: bool
    """Whether config.toml names the profile since."""


def login(
    file: ConfigFile, console: Console, *, key_id: str = "", profile: str = "", confirm: Callable[[str], bool], verify: bool = True
) -> LoggedIn:
    """Ask for the keys, try them against the bucket, write a profile and name it in config.toml. The secret comes from the
    terminal (not shown), from AIRDATE_SECRET, or as one line on standard input; never from the command line.

    Raises StorageError where the keys do not work, UsageError where there is no bucket; nothing is written then.
    """
    storage = file.config.storage
    if not storage.is_bucket:
        raise UsageError("a folder needs no keys", hint='url = "s3://bucket/prefix" under [storage] names a bucket', code="login-folder")
    bucket = storage.url.partition("://")[2].partition("/")[0]
    name = profile or storage.profile or f"airdate-{bucket}"
    if not _PROFILE.fullmatch(name):
        raise UsageError(f"not a name for a profile: {name}", hint="letters, digits, dots and dashes: --profile my-show", code="usage")
    keys = _asked(console, key_id)
    if verify:
        for url in storage.buckets:
            for doubt in probe(storage.location(url), keys, file.folder):
                console.warn(doubt)
    credentials = credentials_file()
    before = _read(credentials)
    held = held_by(before, name)
    if held and held != keys.key_id and not confirm(f"The profile {name} holds the key {held}. Replace it?"):
        raise PlanRefused("nothing was changed: you said no", hint="--profile OTHER keeps both", code="refused-by-you")
    edited = None if storage.profile == name else with_profile(file, name)
    _write(credentials, with_keys(before, name, keys))
    if edited is not None:
        file.path.write_bytes(edited)
    home = Path.home()
    where = f"~{os.sep}{credentials.relative_to(home)}" if credentials.is_relative_to(home) else str(credentials)
    console.show(
        f"The keys {'work and ' if verify else ''}are in {where} as profile {name}"
        + ("." if edited is None else f"; {file.path.name} names it.")
    )
    hidden = [variable for variable in VARIABLES[:2] if os.environ.get(variable)]
    if hidden:
        console.say(f"{' and '.join(hidden)} are set here, too; this show uses the profile from now on.")
    console.say("Next:")
    console.say("  publish bucket")
    console.say("  publish --dry-run")
    return LoggedIn(profile=name, credentials=str(credentials), verified=verify, config_changed=edited is not None)


def probe(location: Location, keys: Keys, folder: Path) -> list[str]:
    """Write, read and delete a file of our own with these keys; what they may not do besides, as warnings.

    Raises StorageError when they cannot be published with.
    """
    with _environment(keys):
        store = open_store(replace(location, profile="", acl=""), folder)
        key = layout.probe(f"login-{secrets.token_hex(8)}")
        body = b"airdate was here\n"
        try:
            store.put(key, body, Headers(content_type="text/plain; charset=utf-8", cache_control="no-store"))
        except StorageError as error:
            if error.code == "storage-no-bucket":
                return [f"{error.message}, so the keys could not be tried out: `publish bucket` creates it"]
            raise _wrong(error, "write") from error
        doubts = []
        try:
            stored = store.read(key)
        except StorageError as error:
            with suppress(StorageError):
                store.delete([key])
            raise _wrong(error, "read") from error
        if stored is None or stored.body != body:
            hint = "is `[storage] endpoint` the right one?"
            raise StorageError("the storage does not give back what was written", cause=location.url, hint=hint, code="login-read")
        try:
            store.delete([key])
        except StorageError as error:
            doubts.append(f"these keys may not delete, so `publish prune` will not work and {key} stays there ({error.message})")
            return doubts
        try:
            store.read(key)
        except StorageError:
            doubts.append(
                "these keys may not list, so a missing file is answered as a refusal: allow s3:ListBucket (`publish bucket --print policy`)"
            )
    return doubts


def _wrong(error: StorageError, doing: str) -> StorageError:
    """The same fault, saying that it is about the keys that were just typed."""
    if error.code == "storage-denied":
        hint = "the key is known and may not do this: `publish bucket --print policy` shows what it needs"
        return StorageError(f"these keys may not {doing}", cause=error.cause or error.message, hint=hint, code="login-denied")
    if error.code in ("storage-credentials", "storage-expired"):
        hint = "copy both again, whole and without spaces; are they for this service, and not revoked?"
        return StorageError(
            "these keys are wrong",
            cause=f"{_WHERE.sub('', error.message)}\n{error.cause}",
            hint=hint,
            code="login-wrong",
        )
    return error


@contextmanager
def _environment(keys: Keys) -> Iterator[None]:
    """Sign with these keys and no others: a store takes those of the environment first."""
    before = {name: os.environ.pop(name, None) for name in VARIABLES}
    os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"] = keys.key_id, keys.secret
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _asked(console: Console, key_id: str) -> Keys:
    key_id = key_id or os.environ.get("AIRDATE_KEY_ID", "")
    secret = os.environ.get("AIRDATE_SECRET", "")
    if console.interactive:
        key_id = key_id or click.prompt("Access key id", err=True)
        secret = secret or click.prompt("Secret key (not shown)", hide_input=True, err=True)
    elif not secret:
        secret = sys.stdin.readline(LONGEST_KEY + 2)
    key_id, secret = key_id.strip(), secret.strip()
    if not key_id or not secret:
        hint = "without a terminal: publish login --key-id ID < file-with-the-secret"
        raise UsageError("the key id is missing" if not key_id else "the secret is missing", hint=hint, code="login-missing")
    for what, value in (("key id", key_id), ("secret", secret)):
        if len(value) > LONGEST_KEY or not value.isascii() or not all("!" <= character <= "~" for character in value):
            raise UsageError(
                f"that is no {what}: it holds blanks or other characters no key has", hint="copy it again, alone", code="login-missing"
            )
    return Keys(key_id=key_id, secret=secret)


# ~/.aws/credentials


def credentials_file() -> Path:
    """Where the AWS tools keep keys: AWS_SHARED_CREDENTIALS_FILE, else ~/.aws/credentials."""
    named = os.environ.get("AWS_SHARED_CREDENTIALS_FILE")
    return Path(named).expanduser() if named else Path("~/.aws/credentials").expanduser()


def held_by(text: str, profile: str) -> str:
    """The key id that a profile holds now; "" when there is none."""
    inside = False
    for line in text.splitlines():
        if section := _SECTION.match(line):
            inside = section[1].strip() == profile
        elif inside and (found := re.match(r"[ \t]*aws_access_key_id[ \t]*[=:][ \t]*(\S+)", line, re.IGNORECASE)):
            return found[1]
    return ""


def with_keys(text: str, profile: str, keys: Keys) -> str:
    """The credentials file with this profile's keys; every other line stays as it is, to the letter."""
    wanted = [f"aws_access_key_id = {keys.key_id}", f"aws_secret_access_key = {keys.secret}"]
    lines = text.split("\n")
    starts = [number for number, line in enumerate(lines) if (found := _SECTION.match(line)) and found[1].strip() == profile]
    if not starts:
        kept = text if not text or text.endswith("\n") else text + "\n"
        return kept + ("\n" if kept.strip() else "") + "\n".join([f"[{profile}]", *wanted]) + "\n"
    after = lines[: starts[0] + 1] + wanted
    inside = True
    for line in lines[starts[0] + 1 :]:
        inside = inside and not _SECTION.match(line)
        if inside and re.match(
            r"[ \t]*aws_(?:access_key_id|secret_access_key|session_token|security_token)[ \t]*[=:]", line, re.IGNORECASE
        ):
            continue
        after.append(line)
    return "\n".join(after)


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_CREDENTIALS:
            raise StorageError(
                f"this is no file of keys: {path}",
                cause="it is larger than 1 MB",
                hint="is AWS_SHARED_CREDENTIALS_FILE right?",
                code="login-file",
            )
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise _unwritable(path, error) from error


def _write(path: Path, text: str) -> None:
    """Replace the file at once, readable by its owner alone; a link is followed, so that it stays one."""
    path = path.resolve()
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: Exception) -> StorageError:
    hint = "may your user read and write there? AWS_SHARED_CREDENTIALS_FILE names another place"
    return StorageError(
        f"the file of keys cannot be used: {path}", cause=getattr(error, "strerror", None) or str(error), hint=hint, code="login-file"
    )


# config.toml


def with_profile(file: ConfigFile, profile: str) -> bytes:
    """config.toml with `profile` under [storage]; every other byte stays. Raises UsageError where it has to be written by hand."""
    edited = with_values(file.path.read_bytes(), [(("storage", "profile"), profile)], behind="url")
    if edited is not None:
        return edited
    raise UsageError(
        f"the profile cannot be written into {file.path.name}",
        hint=f"write it under [storage] by hand, then try again: {written_line('profile', profile)}",
        code="login-by-hand",
    )


@click.command("login")
@common
@click.option("--key-id", help="The key's id; the secret is asked for, or read from standard input.")
@click.option("--profile", help="The profile's name (default: airdate-BUCKET).")
def command(call: Call, /, key_id: str | None, profile: str | None) -> None:
    """Try the storage's keys, and keep them as a profile in ~/.aws/credentials."""
    config, verify = read_config(call.config_path), not call.no_verify
    call.result(login(config, call.console, key_id=key_id or "", profile=profile or "", confirm=call.confirm, verify=verify))
