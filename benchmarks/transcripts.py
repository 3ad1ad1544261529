"""How long reading, repairing and writing transcripts takes, and that it grows with the transcript and not faster.

python -m benchmarks.transcripts
"""

from __future__ import annotations

import time
import tracemalloc

from feed.findings import ContentFault
from feed.times import clock
from feed.transcript.paragraphs import paragraphs
from feed.transcript.reading import LARGEST, read_transcript
from feed.transcript.replacements import apply_replacements
from feed.transcript.writers import write_json, write_srt, write_text, write_vtt

SENTENCES = (
    "So the thing nobody says about storage is that it is cheap, until somebody has to find the file again.",
    "Right.",
    "And then we looked at the numbers, which I have here, and they are not what the brochure said at all...",
    "I would have said the same a year ago, honestly, but the second half of the season taught us something.",
)


def plain(count: int) -> bytes:
    """A stamped transcript of `count` cues, a little over a second each."""
    return "\n".join(f"{clock(number * 1.08)}: {SENTENCES[number % 4]}" for number in range(count)).encode()


def best(action: object, times: int = 3) -> float:
    """Seconds, the best of a few runs."""
    found = []
    for _ in range(times):
        begin = time.perf_counter()
        action()  # type: ignore[operator]
        found.append(time.perf_counter() - begin)
    return min(found)


def read_or_fault(data: bytes) -> str:
    """How many cues, or the code of the fault."""
    try:
        return f"{len(read_transcript(data, duration=7200).cues)} cues"
    except ContentFault as fault:
        return fault.code


def main() -> None:
    writers = {"vtt": write_vtt, "srt": write_srt, "json": write_json, "text": write_text}
    print(f"{'cues':>7} {'read':>7} {'mend':>7}" + "".join(f"{name:>7}" for name in writers) + f" {'pages':>7} {'total':>7} {'us/cue':>7}")
    per_cue: list[float] = []
    rules = {f"word{number}": f"Word {number}" for number in range(200)} | {"brochure": "leaflet"}
    for count in (1_000, 10_000, 20_000):
        data = plain(count)
        cues = read_transcript(data, duration=count * 1.08 + 2).cues
        seconds = [best(lambda data=data: read_transcript(data)), best(lambda cues=cues: apply_replacements(cues, rules, {}))]
        seconds += [best(lambda cues=cues, writer=writer: writer(cues)) for writer in writers.values()]
        seconds.append(best(lambda cues=cues: paragraphs(cues, ())))
        per_cue.append(sum(seconds) / count * 1e6)
        print(
            f"{count:7}"
            + "".join(f"{value:8.3f}" if at < 2 else f"{value:7.3f}" for at, value in enumerate(seconds))
            + f" {sum(seconds):7.3f} {per_cue[-1]:7.1f}"
        )
    print(f"20,000 cues cost {per_cue[2] / per_cue[0]:.2f} times as much per cue as 1,000")

    vtt = write_vtt(read_transcript(plain(10_000)).cues).encode()
    srt = write_srt(read_transcript(plain(10_000)).cues).encode()
    document = write_json(read_transcript(plain(10_000)).cues).encode()
    print(
        "reading back 10,000 cues: "
        + ", ".join(
            f"{name} {best(lambda data=data: read_transcript(data)):.3f} s"
            for name, data in (("vtt", vtt), ("srt", srt), ("json", document))
        )
    )

    print("at the limit of 8 MB:")
    line = b"00:00:01: a\n"
    shapes = {
        "stamped, all at one time": line * (LARGEST // len(line)),
        "stamped, long texts": plain(85_000)[:LARGEST].rsplit(b"\n", 1)[0],
        "WebVTT of tiny cues": b"WEBVTT\n\n" + b"00:01.000 --> 00:02.000\nab\n\n" * (LARGEST // 29),
        "JSON, one body": b'{"segments":[{"startTime":0,"endTime":9,"body":"' + b"word " * (LARGEST // 5 - 20) + b'"}]}',
        "open brackets": b"[" * LARGEST,
        "HTML of open tags": b"<p>" + b"<a " * (LARGEST // 3 - 1),
        "HTML of brackets": b"<p>" + b"<" * (LARGEST - 3),
        "HTML of comments": b"<p>" + b"<!--" * (LARGEST // 4 - 1),
        "HTML of declarations": b"<p>" + b"<![" * (LARGEST // 3 - 1),
        "HTML of half end tags": b"<p>" + b"</a " * (LARGEST // 4 - 1),
        "HTML of quotes": b"<p>" + b"<a b='" * (LARGEST // 6 - 1),
        "random-looking bytes": bytes(range(256)) * (LARGEST // 256),
    }
    for name, data in shapes.items():
        begin = time.perf_counter()
        outcome = read_or_fault(data)
        took = time.perf_counter() - begin
        tracemalloc.start()
        read_or_fault(data)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        print(f"  {name:26} {took:7.2f} s {peak / 1e6:7.0f} MB  {outcome}", flush=True)


if __name__ == "__main__":
    main()
