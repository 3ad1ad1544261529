"""The keys that a show, its episodes and its live streams have in common."""

from pydantic import Field, model_validator

from feed.schema.tags import (
    ChatTable,
    FundingTable,
    ImageTable,
    LicenseTable,
    LocationTable,
    SocialTable,
    SoundbiteTable,
    TxtTable,
    ValueTable,
)
from feed.schema.value_types import Count, EpisodeNumber, Table, Text


class SharedTags(Table):
    """What a show, an episode and a stream can all carry."""

    funding: tuple[FundingTable, ...] = ()
    """`<podcast:funding>`."""
    license: LicenseTable | None = None
    """`<podcast:license>`."""
    locations: tuple[LocationTable, ...] = Field((), alias="location")
    """`<podcast:location>`."""
    images: tuple[ImageTable, ...] = ()
    """`<podcast:image>`; of a stream, each an address."""
    values: tuple[ValueTable, ...] = Field((), alias="value")
    """`<podcast:value>`, several for several ways to pay; an episode's and a stream's stand instead of the show's."""
    chat: ChatTable | None = None
    """`<podcast:chat>`: where listeners talk."""
    social: tuple[SocialTable, ...] = ()
    """`<podcast:socialInteract>`."""
    txt: tuple[TxtTable, ...] = ()
    """`<podcast:txt>`."""

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, data: object) -> object:
        """A string for a licence, one table for a list of places, funding or ways to pay."""
        if not isinstance(data, dict):
            return data
        data = dict(data)
        if isinstance(data.get("license"), str):
            data["license"] = {"id": data["license"]}
        for key in ("location", "funding", "value"):
            if isinstance(data.get(key), dict):
                data[key] = (data[key],)
            elif key != "value" and isinstance(data.get(key), str):
                data[key] = ({"url" if key == "funding" else "name": data[key]},)
        return data


class SharedItemTags(SharedTags):
    """What an episode and a stream can carry beside."""

    season: Count | None = None
    """`<itunes:season>`, `<podcast:season>`."""
    episode: EpisodeNumber | None = None
    """`<podcast:episode>`: 3, or 3.5 for an extra between 3 and 4; `<itunes:episode>` where it is whole."""
    episode_display: str | None = None
    """`<podcast:episode display>`: "Ch. 3", at most 32 characters."""
    explicit: bool | None = None
    """`<itunes:explicit>`; the show's when absent."""
    hosts: tuple[Text, ...] | None = None
    """Ids of `[people]`; the show's hosts when absent."""
    guests: tuple[Text, ...] = ()
    """Ids of `[people]`, or plain names."""
    soundbites: tuple[SoundbiteTable, ...] = ()
    """`<podcast:soundbite>`."""
