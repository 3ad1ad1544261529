"""The way out: the show leaves for another host, which takes it over whole; nothing here goes away until somebody says so."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from publisher.compare.episodes import read_whole_feed
from publisher.compare.matches import match
from publisher.compare.two_feeds import compare_feeds
from publisher.core.errors import PlanRefused, UsageError
from publisher.load.config_edits import with_values, written_line
from publisher.moving.feed_and_folder import FeedThere, look_at_feed
from publisher.moving.results import Move, Step
from publisher.moving.shared_steps import APPLE, KEPT, WEEKS, by_hand, step_of
from publisher.stores.providers import provider_of
from publisher.verify.former_addresses import FormerAddress, judge_former

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from publisher.compare.episodes import BuiltFeed
    from publisher.compare.results import Comparison
    from publisher.load.config_edits import Value
    from publisher.load.config_reader import ConfigFile
    from publisher.load.config_tables import Config
    from publisher.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartureSeen:
    """What was looked at: the two feeds, whether the old address leads to the new one, and the comparison where both can be seen."""

    file: ConfigFile
    old: FeedThere
    new: FeedThere
    redirect: FormerAddress
    comparison: Comparison | None
    today: dt.date

    @property
    def moved(self) -> bool:
        """Whether the old address leads to the new feed already."""
        return self.old.answer.address == self.new.address


def departure(workspace: Workspace, new: str, today: dt.date, *, confirm: Callable[[str], bool], begin: bool) -> Move:
    """The list for the move of this show to the feed at `new`; `begin` writes into config.toml what the next publish tells the world, after
    the new feed was compared and a person agreed.

    Raises PlanRefused where an episode would come twice or be lost, or a person says no; UsageError where it has to be written by hand.
    """
    looked = _look(workspace.file, new, today)
    changed = False
    if begin and workspace.config.feed.moved_to != new:
        _refuse_differences(looked)
        edited = _edited(workspace.file, new, today)
        owner = workspace.config.show.owner
        shown = f", shows {owner.email} in the feed," if owner is not None and not owner.public else ""
        if not confirm(
            f"{looked.comparison.sentence if looked.comparison else ''}. Unlock the show{shown} and name {new} as its new address?"
        ):
            raise PlanRefused("nothing was changed: you said no", code="refused-by-you")
        workspace.file.path.write_bytes(edited)
        changed = True
        looked = DepartureSeen(
            file=workspace.read_again().file,
            old=looked.old,
            new=looked.new,
            redirect=looked.redirect,
            comparison=looked.comparison,
            today=today,
        )
    found = looked.comparison
    return Move(
        direction="away",
        old_feed=looked.old.address,
        new_feed=new,
        host="",
        steps=tuple(_steps(looked)),
        episodes=found.episodes if found is not None else None,
        twice=found.twice if found is not None else None,
        lost=found.lost if found is not None else None,
        named=(),
        config_changed=changed,
    )


def _look(file: ConfigFile, new: str, today: dt.date) -> DepartureSeen:
    address = file.config.feed_url
    if new == address:
        raise UsageError(f"that is this show's own address: {new}", hint="give the address that the new host shows", code="move-own")
    old, there = look_at_feed(address), look_at_feed(new)
    moved = old.answer.address == new
    comparison = compare_feeds(address, new, recordings=False) if old.document is not None and not moved else None
    return DepartureSeen(file=file, old=old, new=there, redirect=judge_former(old.answer, new), comparison=comparison, today=today)


def _refuse_differences(looked: DepartureSeen) -> None:
    command = f"publish compare {looked.old.address} {looked.new.address}"
    if looked.comparison is None:
        raise PlanRefused(
            "the new feed could not be compared: nothing was changed",
            cause=f"{looked.old.address} {looked.old.why or 'leads there already'}",
            hint=command,
            code="move-differs",
        )
    if not looked.comparison.safe:
        raise PlanRefused(
            "subscribers would notice: nothing was changed",
            cause=looked.comparison.sentence,
            hint=f"{command} names each episode; have the new host import {looked.old.address} again, guids as they are",
            code="move-differs",
        )


def _edited(file: ConfigFile, new: str, today: dt.date) -> bytes:
    """config.toml of a show that has left."""
    changes: list[tuple[tuple[str, ...], Value]] = [
        (("show", "locked"), False),
        (("feed", "moved_to"), new),
        (("feed", "moved_on"), today),
    ]
    if file.config.show.owner is not None:
        changes.insert(1, (("show", "owner", "public"), True))
    edited = with_values(file.path.read_bytes(), changes)
    if edited is None:
        lines = "; ".join(f"[{'.'.join(path[:-1])}] {written_line(path[-1], value)}" for path, value in changes)
        raise UsageError(f"this cannot be written into {file.path.name}", hint=f"write it by hand: {lines}", code="move-by-hand")
    return edited


def _steps(looked: DepartureSeen) -> Iterator[Step]:
    new = looked.new.address
    yield _compared(looked)
    yield from _told(looked)
    found = looked.new.channel("itunes:new-feed-url")
    yield step_of(
        "new-names-itself",
        found == new if looked.new.document is not None else None,
        "The new feed names itself (itunes:new-feed-url)",
        looked.new.why or (f"it says {found}" if found else "it has none"),
        ("write it at the new host, where it has a field for it",),
        APPLE,
    )
    row = looked.redirect
    yield step_of(
        "redirect",
        row.leads_here,
        f"The address that subscribers have redirects with 301 to {new}",
        f"{row.address} {_here_is_there(row.said)}",
        ("after a publish, when the feed above says that it moved; feed, recordings and pages in one:", *_forms(looked.file.config)),
        APPLE,
    )
    yield from by_hand(new)
    yield _safe(looked)


_OF_NETWORK = {"cloudflare": "worker", "cloudfront": "cloudfront", "fastly": "fastly"}
"""The form of redirects for what is purged (`[cdn] purge`)."""


def _forms(config: Config) -> Iterator[str]:
    """Lines: the redirects for what answers at this show's address, as far as the config tells, and the others."""
    storage = config.storage
    provider = provider_of(storage.provider or "", storage.endpoint or "")
    form = _OF_NETWORK.get(config.cdn.purge or "")
    if form is not None:
        yield f"publish move --print {form}"
    elif not storage.is_bucket:
        yield "publish move --print nginx, where your own server serves the folder; redirects, where Netlify, Cloudflare Pages and the like do"
    elif provider.name == "aws":
        yield "publish move --print s3 for the website endpoint of the bucket, cloudfront for a distribution before it"
    elif provider.name == "r2":
        yield "publish move --print worker"
    else:
        yield (
            f"a bucket of {provider.title} redirects nothing by itself: let the show's address lead to what does, a content network before the "
            "bucket or a server of yours, then publish move --print worker, fastly, cloudfront or nginx"
        )
        yield "until then apps learn the new address from the feed alone (itunes:new-feed-url), and not all of them read it"
    yield "other forms: redirects, nginx, cloudfront, worker, fastly, s3"


def _here_is_there(said: str) -> str:
    return said.replace("redirects here with", "redirects there with")


def _compared(looked: DepartureSeen) -> Step:
    title = "No episode would come twice, none would be lost"
    if looked.comparison is None:
        said = (
            "the feed here cannot be seen any more: its address leads to the new one" if looked.moved else f"the feed here {looked.old.why}"
        )
        return step_of("compared", None, title, said)
    how = (f"publish compare {looked.old.address} {looked.new.address}",)
    return step_of("compared", looked.comparison.safe, title, looked.comparison.sentence, how)


def _told(looked: DepartureSeen) -> Iterator[Step]:
    """What the feed here has to say while its address still answers itself."""
    config, name = looked.file.config, looked.file.path.name
    gone = "its address leads to the new feed already"
    hidden = looked.moved or looked.old.document is None
    why = gone if looked.moved else looked.old.why
    locked = looked.old.channel("podcast:locked").lower() in {"yes", "true"}
    publish = () if hidden else ("publish",)
    shown = config.show.owner is not None and config.show.owner.public
    yield step_of(
        "unlocked",
        None if hidden else not locked,
        "The new host may take the show (podcast:locked no)",
        why if hidden else "it is locked" if locked else "",
        publish if not config.show.locked else (f"locked = false under [show] of {name}, then publish",),
        "podcast namespace 1.0, the tag locked",
    )
    owner = looked.old.document.channel.first("itunes:owner") if looked.old.document is not None else None
    email = owner.value("itunes:email") if owner is not None else ""
    yield step_of(
        "owner",
        None if hidden else bool(email),
        "The feed shows the owner's address, to which the new host sends its code; take it out again afterwards",
        why if hidden else email,
        (f"when the code has come: take public = true out under [show.owner] of {name}, then publish",)
        if shown and looked.moved
        else publish
        if shown or looked.moved
        else (f"name, email and public = true under [show.owner] of {name}, then publish",),
    )
    found = looked.old.channel("itunes:new-feed-url")
    yield step_of(
        "names-new",
        None if hidden else found == looked.new.address,
        "The feed here names the new one (itunes:new-feed-url), and no new episode appears here",
        why if hidden else f"it says {found}" if found else "it has none",
        publish if config.feed.moved_to else (f"publish move --away {looked.new.address}",),
    )


def _safe(looked: DepartureSeen) -> Step:
    moved_on = looked.file.config.feed.moved_on
    title = f"Folder and files may go: {WEEKS} weeks have passed since the address redirects"
    if moved_on is None:
        return step_of("safe", None, title, "it is not known since when (`moved_on` under [feed])", source=KEPT)
    end = moved_on + dt.timedelta(weeks=WEEKS)
    if looked.today < end:
        said = f"keep everything until {end.isoformat()}: apps that open now and then ask the old address, and recordings are still fetched from it"
        return step_of("safe", False, title, said, source=KEPT)
    if not looked.redirect.leads_here:
        return step_of("safe", False, title, "the time has passed, but the old address does not redirect", source=KEPT)
    return step_of("safe", True, title, "the redirect itself stays as long as you have the address", source=KEPT)


def moved_addresses(built: BuiltFeed, new: str) -> list[tuple[str, str]]:
    """(address here, address there) of the feed, its first page, and of each episode's recording and page.

    Raises StorageError where the new feed cannot be had, ContentError where it is none.
    """
    here, there = read_whole_feed(built), read_whole_feed(new)
    pairs = [(built.address, new)]
    link = there.channel.value("link")
    if link:
        pairs.append((here.channel.value("link"), link))
    for place, known in sorted(match(here.episodes, there.episodes).pairs.items(), key=lambda row: row[1]):
        ours, theirs = here.episodes[known], there.episodes[place]
        pairs.append((ours.enclosure, theirs.enclosure))
        if ours.link and theirs.link:
            pairs.append((ours.link, theirs.link))
    return pairs
