"""The tables and keys of `config.toml`, as pydantic models."""

from __future__ import annotations

import re
from ipaddress import ip_network
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator

from feed.schema.episode import TranscriptTable
from feed.schema.live import LiveItemTable
from feed.schema.show import FeedTable, ShowTable
from feed.schema.tags import PersonTable, SeasonTable
from feed.schema.value_types import Address, Count, Table, Text
from publisher.core import layout
from publisher.core.placeholders import NO_ADDRESS
from publisher.load.tables.announce import AnnounceTable
from publisher.stores.open_store import Location


class SubscribeTable(Table):
    """`[site.subscribe]`: the show's pages in directories; each becomes a button."""

    apple: str | None = None
    """Apple Podcasts."""
    spotify: str | None = None
    """Spotify."""
    youtube: str | None = None
    """YouTube Music."""
    amazon: str | None = None
    """Amazon Music."""


class CommentsTable(Table):
    """`[site.comments]`: a service of yours that takes comments; docs/comments.md says what it is sent and what pages read."""

    url: Text
    """Where the form on an episode's page is sent (https)."""
    least: Annotated[int, Field(ge=1, le=1000)] = 10
    """So many characters make a comment."""

    @field_validator("url")
    @classmethod
    def _an_address(cls, value: str) -> str:
        if not re.fullmatch(r"https?://[^\s/?#;,'\"]+\S*", value):
            raise ValueError("must be an address like https://comments.example.org/new")
        return value


class SiteTable(Table):
    """`[site]`: the pages, and where listeners reach the storage."""

    url: Text = NO_ADDRESS
    """Where listeners reach the storage: https://podcast.example.org/show. It may come later: without it the show can be checked, previewed
    and published into a folder, and nobody can subscribe.
    """
    home: str | None = None
    """The show's home when it is another site of yours; our pages link there."""
    pretty_urls: bool = False
    """Links without .html, for hosts that serve index documents."""
    headers: bool = True
    """False where the host sets headers by itself (GitHub Pages)."""
    theme: str = "theme"
    """Folder whose files shadow templates, styles and scripts."""
    accent: str | None = None
    """One colour, #rrggbb; taken from the artwork when absent."""
    footer: str = ""
    """A line at the foot of every page, in Markdown."""
    search: bool = True
    """Search over the whole show."""
    social_images: bool = True
    """Pictures for links shared in social networks."""
    report: str | None = None
    """Who is told of a mistake in a transcript: mailto:…, or an address with {title}, {slug} and {link}; the owner when public."""
    comments: CommentsTable | None = None
    """A form for comments, and where it is sent."""
    subscribe: SubscribeTable = SubscribeTable()
    """Where else the show can be heard."""


class StorageTable(Table):
    """`[storage]`: where `publish` puts the show. Keys and secrets never stand here: they come from the environment or a profile."""

    url: Text = "public"
    """A folder, or s3://bucket/prefix."""
    endpoint: str | None = None
    """Address of an S3-compatible service; none: AWS."""
    region: str | None = None
    """The bucket's region; `auto` where the service has none."""
    provider: str | None = None
    """Presets: aws, r2, b2, minio, hetzner, spaces, wasabi …"""
    profile: str | None = None
    """Profile of ~/.aws/credentials."""
    addressing: Literal["auto", "path", "virtual"] = "auto"
    """How the bucket stands in addresses."""
    private: str | None = None
    """Another bucket for what listeners need not read: s3://bucket/prefix."""
    acl: str | None = None
    """A canned ACL to send with every upload; most services want none."""
    client: Literal["auto", "boto3", "lean"] = "auto"
    """Who speaks to the bucket: `boto3` knows every login, endpoint and proxy; `lean` a pair of keys and a plain endpoint, and starts
    at once; `auto` takes it where it will do."""

    @property
    def is_bucket(self) -> bool:
        """Whether listeners' files lie in a bucket, which serves them by itself; else in a folder."""
        return _is_bucket(self.url)

    @property
    def buckets(self) -> list[str]:
        """The addresses of all buckets, the listeners' first."""
        return [url for url in (self.url, self.private or "") if _is_bucket(url)]

    @property
    def folders(self) -> list[str]:
        """All folders, the listeners' first."""
        return [url for url in (self.url, self.private or "") if url and not _is_bucket(url)]

    def location(self, url: str) -> Location:
        """What the store at `url` is opened with: `self.url` or `self.private`."""
        return Location(
            url=url,
            endpoint=self.endpoint or "",
            region=self.region or "",
            provider=self.provider or "",
            profile=self.profile or "",
            client=self.client,
            addressing="" if self.addressing == "auto" else self.addressing,
            acl=(self.acl or "") if url == self.url else "",  # what is private stays so
        )


def _is_bucket(url: str) -> bool:
    return "://" in url


class LoadTable(Table):
    """`[load]`: what may lie outside the show's folder."""

    linked: tuple[Text, ...] = ()
    """Folders that recordings may be linked from: ["/srv/recordings"], or from the show's folder on: ["../recordings"]. Nothing but
    audio and video, by content, is taken from there."""


class AudioTable(Table):
    """`[audio]`."""

    tags: bool = True
    """Upload a copy of the recording with complete tags; false uploads the file as it is."""


class ChaptersTable(Table):
    """`[chapters]`."""

    in_notes: bool = True
    """End the notes with the list of chapters (Spotify and YouTube read them there)."""


class CdnTable(Table):
    """`[cdn]`: what must forget old pages after a publish."""

    purge: str | None = None
    """cloudflare, cloudfront, fastly, or an address that is asked."""
    zone: str | None = None
    """Zone, distribution or service id."""


class PublishTable(Table):
    """`[publish]`: how a publish goes about it."""

    skip_faulty: bool = False
    """A faulty episode is held back and the others are published, as with `--skip-faulty`: for shows that publish by themselves."""


class ExceptionTable(Table):
    """`[[check.exceptions]]`: a rule this show breaks on purpose."""

    rule: Text
    """The rule's id."""
    reason: Text
    """Why; shown in place of the finding."""
    episode: str | None = None
    """Only for this episode."""


class CheckTable(Table):
    """`[check]`."""

    exceptions: tuple[ExceptionTable, ...] = ()
    """Rules this show breaks on purpose."""


Mailbox = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\s@<>,;:\"()]+@[^\s@<>,;:\"()]+$")]
"""An address of mail alone, without a name."""


class CommentMailTable(Table):
    """`[comments.mail]`: the mail that tells moderators of a new comment, and the server that it is handed to."""

    to: Annotated[tuple[Mailbox, ...], Field(min_length=1)]
    """Who is told: ["you@example.org"]."""
    sent_from: Mailbox = Field(alias="from")
    """Which address it comes from; the server must let you send as that."""
    host: Text = "localhost"
    """The server that takes it (SMTP)."""
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """Its port: 587 with `starttls`, 465 with `tls`, 25 without either."""
    security: Literal["starttls", "tls", "none"] | None = None
    """How the connection is kept secret; when absent `tls` on port 465, nothing to this very machine, else `starttls`."""
    user: str | None = None
    """Whom the server knows; its password comes from the environment and never stands here."""
    password_variable: Text = "AIRDATE_SMTP_PASSWORD"  # noqa: S105  the name of a variable
    """The environment variable that holds the password."""


class CommentServiceTable(Table):
    """`[comments]`: what `publish comments serve` goes by, a service that takes comments; it needs the packages of
    the extra `comments`.
    """

    database: str = ""
    """Where comments are kept: sqlite:///comments.sqlite, a file relative to this one, or postgresql://user@host/name (its password in
    PGPASSWORD). `--database` names another one."""
    per_hour: Annotated[int, Field(ge=1, le=1_000_000)] = 5
    """So many comments an hour are taken from one network (a /24 of IPv4, a /48 of IPv6)."""
    least_seconds: Annotated[float, Field(ge=0, le=3)] = 2.0
    """Whoever sends a form sooner after it was opened is a program."""
    links: Annotated[int, Field(ge=0, le=100)] = 2
    """So many links a comment may hold."""
    captcha: Literal["altcha"] | None = None
    """`altcha`: the reader's browser works a second or two for each comment, asking nobody else; without a script nothing is taken then."""
    proxies: tuple[Text, ...] = ()
    """Networks of proxies of yours whose X-Forwarded-For is believed: ["10.0.0.0/8"]; those on this machine are anyway."""
    url: Address | None = None
    """Where the service is reached from outside, for the links in mails: https://comments.example.org; when absent the address under
    [site.comments] without its last part."""
    mail: CommentMailTable | None = None
    """Moderators are told by mail."""
    webhook: Address | None = None
    """Moderators are told here: JSON is sent to this address, as a bearer with AIRDATE_COMMENTS_TOKEN where that is set."""
    ntfy: Address | None = None
    """Moderators are told by ntfy: https://ntfy.sh/your-topic, with NTFY_TOKEN where that is set."""
    approve_after: Count | None = None
    """Who had so many comments approved (known by a token in the browser) needs no moderator for the next; when absent everything is
    held."""
    close_after: Count | None = None
    """So many days after an episode came out no more comments are taken on it; when absent never."""
    keep: Count | None = None
    """So many days comments are kept; `publish comments erase --expired` erases older ones, approved or not."""


class StatsTable(Table):
    """`[stats]`: the logs that `publish stats` counts downloads from; it needs the packages of the extra `stats`."""

    logs: Text | None = None
    """Where the logs are: a pattern relative to this file ("logs/*.gz"), or s3://bucket/prefix. Compressed or not."""
    form: Text | None = None
    """Which form of log it is: combined (or nginx, apache), caddy, s3, r2, cloudfront, cloudfront-json, bunny, bunny-json, fastly or logpush;
    told from the first lines when absent."""
    window: Literal["calendar", "rolling", "extending"] = "rolling"
    """When a listener's next request for the same episode is a new download: on the next day (UTC), 24 hours after the window began, or
    after 24 hours without one."""
    country: Text | None = None
    """A database of countries by address on this machine (.mmdb); without it no country is told."""
    datacentres: Text | None = None
    """A file with the networks of data centres, one a line (203.0.113.0/24): nobody listens there."""
    include: tuple[Text, ...] = ()
    """Addresses or networks behind which there are very many listeners (a university): counted however many downloads they have.
    Look at them again every 90 days."""

    public: bool = False
    """Whether pages of numbers may lie where everybody reads them; sums alone."""

    @field_validator("include")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for item in value:
            try:
                wide = ip_network(item, strict=False).num_addresses > 2**116
            except ValueError:
                wide = True
            if wide:
                raise ValueError(f"{item!r} is no address or network of one place: 203.0.113.9, 203.0.113.0/24 or 2001:db8::/48")
        return value


class Config(Table):
    """The whole of config.toml."""

    show: ShowTable
    """The podcast as directories list it."""
    site: SiteTable = SiteTable()
    """The pages."""
    storage: StorageTable = StorageTable()
    """Where it all goes."""
    feed: FeedTable = FeedTable()
    """How the feed is written."""
    publish: PublishTable = PublishTable()
    """How a publish goes about it."""
    load: LoadTable = LoadTable()
    """What may lie elsewhere."""
    audio: AudioTable = AudioTable()
    """What happens to recordings."""
    chapters: ChaptersTable = ChaptersTable()
    """What happens to chapters."""
    transcript: TranscriptTable = TranscriptTable()
    """What is mended in every transcript."""
    people: dict[str, PersonTable] = Field(default_factory=dict)
    """Hosts and guests."""
    seasons: dict[str, SeasonTable] = Field(default_factory=dict)
    """Names and artwork of seasons."""
    live: tuple[LiveItemTable, ...] = ()
    """Live streams."""
    cdn: CdnTable = CdnTable()
    """What must forget old pages."""
    announce: AnnounceTable = AnnounceTable()
    """Whom to tell."""
    comments: CommentServiceTable = CommentServiceTable()
    """The service that takes comments."""
    stats: StatsTable = StatsTable()
    """Where downloads are counted from."""
    check: CheckTable = Field(default_factory=CheckTable)
    """What is broken on purpose."""

    @property
    def feed_url(self) -> str:
        """The address listeners subscribe to."""
        return f"{self.site.url.rstrip('/')}/{self.feed.file}"

    @property
    def home_url(self) -> str:
        """The address of the show's first page."""
        return f"{self.site.url.rstrip('/')}/{'' if self.site.pretty_urls else layout.HOME}"
