"""One feed that is complete and clean; the tests break it, rule by rule."""

from __future__ import annotations

SITE = "https://show.example.org"


def item(number: int, day: str, *, site: str) -> str:
    stem = f"{site}/episodes/episode-{number}"
    return f"""
    <item>
      <title>What the river says in part {chr(64 + number)}</title>
      <link>{stem}.html</link>
      <description>We walk along the river and ask the people who live there what they hear in it at night.</description>
      <content:encoded><![CDATA[<p>We walk along the river. <a href="{site}/sources.html">Sources</a></p>]]></content:encoded>
      <guid isPermaLink="false">5f0c6f1e-0000-5000-8000-00000000000{number}</guid>
      <enclosure url="{site}/media/episode-{number}-0a1b2c3d.mp3" length="1200000{number}" type="audio/mpeg"/>
      <pubDate>{day}</pubDate>
      <itunes:duration>1500</itunes:duration>
      <itunes:season>1</itunes:season>
      <itunes:episode>{number}</itunes:episode>
      <itunes:episodeType>full</itunes:episodeType>
      <itunes:explicit>false</itunes:explicit>
      <podcast:season name="Waters">1</podcast:season>
      <podcast:episode display="Part {number}">{number}</podcast:episode>
      <podcast:transcript url="{stem}/transcript-0a1b2c3d.vtt" type="text/vtt" rel="captions"/>
      <podcast:transcript url="{stem}/transcript-0a1b2c3d.json" type="application/json"/>
      <podcast:chapters url="{stem}/chapters-0a1b2c3d.json" type="application/json+chapters"/>
      <podcast:person role="guest" group="cast" href="{site}/ada.html">Ada Green</podcast:person>
      <podcast:soundbite startTime="60.5" duration="30">The bridge</podcast:soundbite>
      <podcast:location rel="subject" geo="geo:52.5,13.4" osm="R62422#1" country="DE">Berlin</podcast:location>
      <podcast:license>cc-by-4.0</podcast:license>
      <podcast:alternateEnclosure type="audio/ogg" length="9000000" title="Small">
        <podcast:source uri="{site}/media/episode-{number}-0a1b2c3d.opus"/>
        <podcast:integrity type="sri" value="sha384-{"A" * 64}"/>
      </podcast:alternateEnclosure>
      <podcast:socialInteract protocol="activitypub" uri="https://social.example.org/@show/{number}" accountUrl="https://social.example.org/@show"/>
      <podcast:txt purpose="release">first</podcast:txt>
      <podcast:image href="{site}/art/wide-{number}.jpg" alt="A river" aspect-ratio="16/9" width="1600" height="900"/>
      <psc:chapters version="1.2"><psc:chapter start="00:00:00.000" title="Intro"/></psc:chapters>
    </item>"""


def feed(site: str = SITE) -> str:
    first = item(1, "Mon, 02 Mar 2026 06:00:00 GMT", site=site)
    second = item(2, "Tue, 03 Mar 2026 06:00:00 +0000", site=site)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:podcast="https://podcastindex.org/namespace/1.0"
  xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:psc="http://podlove.org/simple-chapters">
  <channel>
    <title>Running Water</title>
    <link>{site}/index.html</link>
    <description>People, rivers and the towns between them.</description>
    <atom:link rel="self" href="{site}/feed.xml" type="application/rss+xml"/>
    <language>en-gb</language>
    <copyright>Ada Green</copyright>
    <lastBuildDate>Tue, 03 Mar 2026 06:00:00 +0000</lastBuildDate>
    <image><url>{site}/art/small.jpg</url><title>Running Water</title><link>{site}/index.html</link></image>
    <itunes:author>Ada Green</itunes:author>
    <itunes:category text="Society &amp; Culture"><itunes:category text="Documentary"/></itunes:category>
    <itunes:category text="Technology"/>
    <itunes:explicit>false</itunes:explicit>
    <itunes:image href="{site}/art/cover-0a1b2c3d.jpg"/>
    <itunes:type>serial</itunes:type>
    <itunes:owner><itunes:name>Ada Green</itunes:name><itunes:email>ada@example.org</itunes:email></itunes:owner>
    <itunes:new-feed-url>{site}/feed.xml</itunes:new-feed-url>
    <podcast:guid>9b024349-ccf0-5f69-a609-6b82873eab3c</podcast:guid>
    <podcast:locked owner="ada@example.org">yes</podcast:locked>
    <podcast:medium>podcast</podcast:medium>
    <podcast:funding url="https://example.org/give">Support us</podcast:funding>
    <podcast:person role="Host" group="Cast">Ada Green</podcast:person>
    <podcast:license url="https://example.org/licence">House rules</podcast:license>
    <podcast:location rel="creator">Bremen</podcast:location>
    <podcast:trailer url="{site}/media/trailer.mp3" pubdate="Sun, 01 Mar 2026 06:00:00 +0000" season="1">Hear this</podcast:trailer>
    <podcast:updateFrequency rrule="FREQ=WEEKLY;BYDAY=MO;COUNT=9" dtstart="2026-03-02">every Monday</podcast:updateFrequency>
    <podcast:block id="google">yes</podcast:block>
    <podcast:txt purpose="ai-content">false</podcast:txt>
    <podcast:podroll><podcast:remoteItem feedGuid="917393e3-1b1e-5cef-ace4-edaa54e1f810"/></podcast:podroll>
    <podcast:publisher><podcast:remoteItem medium="publisher" feedGuid="917393e3-1b1e-5cef-ace4-edaa54e1f811"/></podcast:publisher>
    <podcast:value type="lightning" method="keysend" suggested="0.00000005">
      <podcast:valueRecipient name="Ada" type="node" address="02{"ab" * 32}" split="90"/>
      <podcast:valueRecipient name="Bo" type="lnaddress" address="bo@example.org" split="10" fee="false"/>
      <podcast:valueTimeSplit startTime="60" duration="30">
        <podcast:remoteItem feedGuid="917393e3-1b1e-5cef-ace4-edaa54e1f810"/></podcast:valueTimeSplit>
    </podcast:value>
    <podcast:image href="{site}/art/wide.jpg" alt="A river" aspect-ratio="1/1" width="1400" height="1400"/>
    {second}{first}
  </channel>
</rss>
"""
