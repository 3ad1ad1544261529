import hashlib
import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from feed.model import ImageFacts
from publisher.core.show_files import SourceFile
from publisher.media.colors import ACCENT
from publisher.media.image_processing import HEAVIEST, ImageFault, accent_of, compliant, measure_image, resized, shareable


def noise(width, height=0, mode="RGB"):
    """A picture that does not compress: three channels of different noise."""
    size = (width, height or width)
    channels = [Image.effect_noise(size, sigma) for sigma in (40, 80, 120)]
    return Image.merge("RGB", channels).convert(mode)


def plain(width, height=0, mode="RGB", colour="#336699"):
    return Image.new("RGB", (width, height or width), colour).convert(mode)


@pytest.fixture
def save(tmp_path):
    def saved(image, name="artwork.jpg", form="JPEG", **options):
        path = tmp_path / name
        image.save(path, form, **options)
        return path

    return saved


def srgb():
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def foreign():
    """A profile that is no sRGB: red and blue change places in its name only, which is what is looked at."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()


def refused(call, *arguments):
    with pytest.raises(ImageFault) as caught:
        call(*arguments)
    assert caught.value.message and caught.value.hint
    return caught.value


@pytest.mark.parametrize(
    ("form", "mode", "kind"),
    [
        ("JPEG", "RGB", "image/jpeg"),
        ("JPEG", "CMYK", "image/jpeg"),
        ("JPEG", "L", "image/jpeg"),
        ("PNG", "RGB", "image/png"),
        ("PNG", "RGBA", "image/png"),
        ("PNG", "P", "image/png"),
        ("WEBP", "RGB", "image/webp"),
        ("GIF", "P", "image/gif"),
    ],
)
def test_a_picture_is_known_by_its_content_not_its_name(save, form, mode, kind):
    path = save(plain(40, 30, mode), "artwork.jpg", form)
    facts = measure_image(path)
    assert (facts.type, facts.width, facts.height, facts.mode) == (kind, 40, 30, mode)
    assert (facts.size, facts.sha256) == (path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest())


def test_dots_per_inch_and_colour_profiles_are_told(save):
    assert measure_image(save(plain(20), dpi=(300, 300))).dpi == 300
    assert measure_image(save(plain(20))).dpi == 72
    assert measure_image(save(plain(20), icc_profile=srgb())).srgb is True
    assert measure_image(save(plain(20), icc_profile=foreign())).srgb is False
    assert measure_image(save(plain(20), icc_profile=b"nonsense")).srgb is False
    assert measure_image(save(plain(20, mode="CMYK"))).srgb is False


def png_bomb(width, height):
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(10_000))) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html>", "an HTML page"),
        (b"hello", "a text"),
        (b"\xff\xd8\xff\xe0" + bytes(50), "damaged"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "damaged"),
        (png_bomb(60_000, 60_000), "more pixels"),
        (png_bomb(12_000, 11_000), "more pixels"),
        (png_bomb(1500, 1500), "damaged"),
        (b"\x00\x00\x00\x1cftypheic" + bytes(100), "no JPEG or PNG"),
        (b"%PDF-1.7\n", "a PDF"),
    ],
)
def test_what_is_no_picture_is_called_what_it_is(tmp_path, content, said):
    path = tmp_path / "artwork.jpg"
    path.write_bytes(content)
    for call in (measure_image, compliant):
        fault = refused(call, path)
        assert fault.code == "image-unreadable"
        assert said in fault.message


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_truncated_picture_is_found_out(save, form):
    path = save(noise(200), "artwork", form)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    assert refused(measure_image, path).code == "image-unreadable"


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_damaged_picture_is_never_a_traceback(save, form):
    path = save(noise(64).convert("P") if form == "GIF" else noise(64), "artwork", form)
    data = path.read_bytes()
    salt = hashlib.shake_256(form.encode()).digest(3000)
    for attempt in range(100):
        damaged = bytearray(data)
        for at in range(6):
            damaged[int.from_bytes(salt[attempt * 20 + at * 2 :][:2], "big") % len(data)] = salt[attempt + at]
        path.write_bytes(damaged)
        try:
            resized(path, 32, 10_000)
            measure_image(path)
        except ImageFault as fault:
            assert fault.code == "image-unreadable"  # noqa: PT017


def test_a_missing_picture_and_a_folder_are_faults(tmp_path):
    assert refused(measure_image, tmp_path / "artwork.jpg").code == "image-missing"
    assert refused(measure_image, tmp_path).code == "image-unreadable"


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
@pytest.mark.parametrize("pixels", [1400, 3000])
def test_artwork_that_fits_stays_as_it_is(save, form, pixels):
    path = save(plain(pixels), "artwork", form)
    data, facts, notes = compliant(path)
    assert data == path.read_bytes()
    assert facts == measure_image(path)
    assert notes == ()


def turned():
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


def placed():
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (52.0, 31.0, 0.0)}
    return exif


@pytest.mark.parametrize(
    ("image", "form", "options", "said"),
    [
        (plain(3200), "JPEG", {}, "3200 by 3200"),
        (noise(1500), "PNG", {}, "bytes"),
        (plain(1500, mode="RGBA"), "PNG", {}, "transparent"),
        (plain(1500, mode="LA"), "PNG", {}, "transparent"),
        (plain(1500, mode="P"), "PNG", {}, "palette"),
        (plain(1500), "WEBP", {}, "webp"),
        (plain(1500), "GIF", {}, "gif"),
        (plain(1500, mode="L"), "JPEG", {}, "greyscale"),
        (plain(1500, mode="CMYK"), "JPEG", {}, "CMYK"),
        (plain(1500), "JPEG", {"icc_profile": foreign()}, "profile"),
        (plain(1500), "JPEG", {"exif": turned()}, "side"),
        (plain(1500), "JPEG", {"exif": placed()}, "where it was taken"),
        (plain(1500, mode="I;16"), "PNG", {}, "I;16"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_artwork_that_can_be_mended_becomes_a_compliant_jpeg(save, image, form, options, said):
    path = save(image, "artwork", form, **options)
    data, facts, notes = compliant(path)
    assert said in notes[0]
    assert "published as an sRGB JPEG" in notes[-1]
    made = Image.open(io.BytesIO(data))
    assert (made.format, made.mode, made.info["dpi"]) == ("JPEG", "RGB", (72, 72))
    assert "icc_profile" not in made.info
    assert not made.getexif()
    assert 1400 <= made.width == made.height <= 3000
    assert len(data) <= HEAVIEST
    path.write_bytes(data)
    assert facts == measure_image(path)
    assert compliant(path)[2] == ()


def test_colours_survive_the_mending(save):
    for image, form in [(plain(1500, mode="RGBA"), "PNG"), (plain(1500, mode="P"), "PNG"), (plain(1500), "WEBP"), (plain(3200), "JPEG")]:
        data, _, _ = compliant(save(image, "artwork", form))
        colour = Image.open(io.BytesIO(data)).getpixel((700, 700))
        assert all(abs(a - b) <= 3 for a, b in zip(colour, (0x33, 0x66, 0x99), strict=True))


def test_transparency_becomes_white(save):
    data, _, _ = compliant(save(Image.new("RGBA", (1400, 1400), (0, 0, 0, 0)), "artwork", "PNG"))
    assert min(Image.open(io.BytesIO(data)).getpixel((5, 5))) >= 253


def test_artwork_lying_on_its_side_is_turned(save):
    image = plain(1500)
    image.paste("white", (0, 0, 1500, 400))
    data, _, _ = compliant(save(image, exif=turned()))
    made = Image.open(io.BytesIO(data))
    assert made.getpixel((1490, 700))[0] > 240
    assert made.getpixel((10, 700))[0] < 100


@pytest.mark.parametrize(
    ("width", "height", "code", "figures"),
    [
        (1399, 1399, "artwork-too-small", "1399 by 1399"),
        (300, 300, "artwork-too-small", "1400 to 3000"),
        (1500, 1400, "artwork-not-square", "1500 by 1400"),
        (3000, 2999, "artwork-not-square", "3000 by 2999"),
        (600, 300, "artwork-not-square", "600 by 300"),
    ],
)
def test_artwork_that_cannot_be_mended_is_refused_with_its_figures(save, width, height, code, figures):
    fault = refused(compliant, save(plain(width, height)))
    assert fault.code == code
    assert figures in fault.message


def test_the_same_artwork_makes_the_same_bytes(save):
    path = save(noise(1420), "artwork", "PNG")
    assert compliant(path)[0] == compliant(path)[0]


@pytest.mark.parametrize(("pixels", "limit"), [(640, 80_000), (320, 30_000), (900, 150_000), (16, 5_000)])
def test_small_covers_keep_their_limits(save, pixels, limit):
    path = save(noise(900), "artwork", "PNG")
    data = resized(path, pixels, limit)
    made = Image.open(io.BytesIO(data))
    assert made.format == "JPEG" and made.mode == "RGB"
    assert max(made.size) <= pixels
    assert len(data) <= limit
    assert resized(path.read_bytes(), pixels, limit) == data


def test_a_small_cover_is_never_enlarged_and_keeps_its_shape(save):
    made = Image.open(io.BytesIO(resized(save(plain(300, 150)), 640, 100_000)))
    assert made.size == (300, 150)
    made = Image.open(io.BytesIO(resized(save(plain(1000, 500)), 640, 100_000)))
    assert made.size == (640, 320)


def test_facts_that_are_known_are_not_measured_again(save):
    path = save(plain(1500))
    known = ImageFacts(size=1, sha256="", type="image/jpeg", width=100, height=100)
    assert refused(compliant, path, known).code == "artwork-too-small"


def test_a_picture_of_the_notes_does_not_tell_where_it_was_taken_and_stands_upright(save):
    kept = save(plain(40, 20), "JPEG")
    assert shareable(kept) == kept.read_bytes()
    for exif, size in ((placed(), (40, 20)), (turned(), (20, 40))):
        data = shareable(save(plain(40, 20), "JPEG", exif=exif))
        with Image.open(io.BytesIO(data)) as image:
            assert (image.size, dict(image.getexif())) == (size, {})


@pytest.mark.parametrize(
    ("colours", "expected"),
    [
        (["#cc2222", "#888888", "#888888", "#888888"], "#cc2222"),  # a little red on much grey
        (["#cc2222", "#cc2222", "#cc2222", "#2244cc"], "#cc2222"),
        (["#cc2222", "#2244cc", "#2244cc", "#2244cc"], "#2244cc"),
        (["#fff8b0", "#fff8b0", "#fff8b0", "#2f7a4f"], "#2f7a4f"),  # a yellow that is nearly white
        (["#190019", "#190019", "#190019", "#2f7a4f"], "#2f7a4f"),  # a violet that is nearly black
        (["#888888"] * 4, ACCENT),
        (["#fffbd8", "#ffffff", "#000000", "#0b0004"], ACCENT),
    ],
)
def test_the_colour_that_stands_out_is_neither_grey_nor_nearly_black_or_white(tmp_path, colours, expected):
    picture = Image.new("RGB", (256, 256))
    for number, colour in enumerate(colours):
        picture.paste(colour, (64 * number, 0, 64 * number + 64, 256))
    picture.save(tmp_path / "cover.png")
    found = accent_of(SourceFile(path=tmp_path / "cover.png", name="cover.png", digest="", root=tmp_path))
    assert [int(found[at : at + 2], 16) for at in (1, 3, 5)] == pytest.approx([int(expected[at : at + 2], 16) for at in (1, 3, 5)], abs=24)


@pytest.mark.parametrize(("error", "said"), [(OSError(5, "Input/output error"), "Input/output error"), (OSError("no answer"), "no answer")])
def test_a_picture_that_the_disk_does_not_give_says_why(save, monkeypatch, error, said):
    def read_bytes(_path):
        raise error

    path = save(plain(1400))
    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    assert refused(measure_image, path).message == f"the picture cannot be read: {said}"


@pytest.mark.parametrize("mode", ["I;16", "LA", "P", "CMYK", "RGB", "L", "RGBA"])
def test_a_small_cover_is_as_light_as_the_picture_whatever_its_form(save, mode):
    grey = Image.new("L", (1400, 1400), 128)
    image = (
        Image.new("I;16", grey.size, 128 * 257)
        if mode == "I;16"
        else grey.convert("RGB").convert(mode)
        if mode == "CMYK"
        else grey.convert(mode)
    )
    form = "JPEG" if mode == "CMYK" else "PNG"
    small = Image.open(io.BytesIO(resized(save(image, f"art.{form.lower()}", form), 300, 300_000)))
    assert small.mode == "RGB" and all(abs(value - 128) < 4 for value in small.getpixel((150, 150)))
