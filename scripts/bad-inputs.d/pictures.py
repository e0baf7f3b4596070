"""Pictures that are cut short, claim too much, or are merely odd: row A."""

import os
import random
import zlib

from files import chunk, png, exif, jpeg_with, jpeg_sized
from running import Case


def pictures(corpus):
    jpeg, write = corpus.jpeg, corpus.write
    good = png(40, 30)

    def skipped(row, title, name, data, says, **options):
        return Case(row, title, ["predict", "run", write(f"pictures/{name}", data)], 65, says, **options)

    def fine(row, title, name, data, says=r"%", **options):
        return Case(row, title, ["predict", "run", write(f"pictures/{name}", data)], 0, says, **options)

    yield skipped("A1", "an empty file", "empty.jpg", b"", "empty")
    yield skipped("A2", "a JPEG of three bytes", "three.jpg", b"\xff\xd8\xff", "truncated|cut|ends|incomplete")
    yield skipped("A3", "a text", "text.jpg", b"hello, world\n" * 9, "text|not a picture|not an image|neither")
    yield skipped("A3", "a page of HTML", "page.jpg", b"<!DOCTYPE html><html><body>404</body></html>", "HTML")
    yield skipped(
        "A3",
        "a pointer of git LFS",
        "lfs.jpg",
        b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
        "LFS",
    )
    for part in (25, 50, 90):
        yield skipped(
            "A4", f"a JPEG cut at {part} %", f"cut{part}.jpg", jpeg[: len(jpeg) * part // 100], "truncated|cut|ends"
        )
        yield skipped(
            "A10",
            f"a PNG cut at {part} %",
            f"cut{part}.png",
            good[: len(good) * part // 100],
            "truncated|cut|ends|CRC",
        )
    yield fine("A4", "a JPEG without its end marker alone", "noend.jpg", jpeg[:-2])
    damaged = bytearray(jpeg)
    for index, value in enumerate(random.Random(1).randbytes(20)):
        damaged[len(jpeg) // 2 + index] = value if value != 0xFF else 0
    yield Case(
        "A5",
        "a JPEG with 20 other bytes in its middle",
        ["predict", "run", write("pictures/middle.jpg", bytes(damaged))],
        (0, 65),
    )
    yield fine("A6", "a JPEG with junk behind it", "tail.jpg", jpeg + b"junk" * 1000)
    yield skipped(
        "A7",
        "a JPEG that claims 65500 x 65500",
        "huge.jpg",
        jpeg_sized(jpeg, 65500, 65500),
        "pixel|large|Mpx",
        limit=5,
    )
    yield skipped(
        "A8",
        "a JPEG of no size",
        "zero.jpg",
        jpeg_sized(jpeg, 0, 0),
        "size|empty|damaged|pixel|dimension|height|width",
    )
    yield fine("A10", "a PNG without its end alone", "noend.png", png(40, 30, end=False))
    flipped = bytearray(good)
    flipped[good.index(b"IDAT") + 12] ^= 1
    yield skipped("A11", "a PNG with one wrong bit", "bit.png", bytes(flipped), "CRC|checksum|damaged|corrupt")
    yield skipped(
        "A12",
        "a PNG that claims 30000 x 30000",
        "claim.png",
        png(30000, 30000, rows=b"\0" * 100),
        "pixel|large",
        limit=5,
    )
    for width, height in ((2**31 - 1, 1), (2**31 - 1, 2**31 - 1), (0, 0), (2**32 - 1, 5)):
        yield skipped(
            "A13",
            f"a PNG that claims {width} x {height}",
            f"claim-{width}-{height}.png",
            png(width, height, rows=b"\0"),
            "",
        )
    yield skipped("A13", "a PNG of 3 bits", "depth.png", png(4, 4, depth=3), "")
    yield Case(
        "A13",
        "a PNG without its palette",
        ["predict", "run", write("pictures/nopalette.png", png(9, 9, colour=3))],
        65,
    )
    yield fine("A14", "a PNG with a palette too short", "short.png", png(9, 9, colour=3, palette=b"\1\2\3"))
    yield skipped(
        "A15",
        "a PNG of 14000 x 14000 in one bit",
        "bomb.png",
        png(14000, 14000, depth=1, colour=0, rows=(b"\0" + b"\0" * 1750) * 14000),
        "pixel|large",
    )
    yield fine(
        "A16",
        "a PNG of 10000 x 10000 in one bit",
        "large.png",
        png(10000, 10000, depth=1, colour=0, rows=(b"\0" + b"\x0f" * 1250) * 10000),
    )
    bomb = zlib.compress(b"\0" * 50_000_000, 9)
    yield fine(
        "A17", "a PNG with 50 MB of packed text", "ztxt.png", png(40, 30, extra=chunk(b"zTXt", b"k\0\0" + bomb))
    )
    yield fine(
        "A17",
        "a PNG with a colour profile of garbage",
        "icc.png",
        png(40, 30, extra=chunk(b"iCCP", b"x\0\0garbage")),
    )
    for name, options in {
        "grey": dict(colour=0),
        "one bit": dict(colour=0, depth=1),
        "grey and alpha": dict(colour=4),
        "colours and alpha": dict(colour=6),
        "palette": dict(colour=3, palette=bytes(range(256)) * 3),
        "16 bits grey": dict(colour=0, depth=16),
        "16 bits": dict(depth=16),
        "4 bits": dict(colour=0, depth=4),
        "palette and alpha": dict(colour=3, palette=bytes(range(256)) * 3),
    }.items():
        yield fine("A18", f"a PNG: {name}", name.replace(" ", "-") + ".png", png(40, 30, **options))
    for orientation in (1, 3, 6, 7, 8, 0, 9, 65535):
        yield fine(
            "A21",
            f"a JPEG with orientation {orientation}",
            f"turned{orientation}.jpg",
            jpeg_with(jpeg, 0xE1, b"Exif\0\0" + exif(orientation)),
        )
    yield fine(
        "A21", "a JPEG with Exif that loops", "loop.jpg", jpeg_with(jpeg, 0xE1, b"Exif\0\0" + exif(6, loop=True))
    )
    yield fine("A21", "a JPEG with Exif cut short", "exif.jpg", jpeg_with(jpeg, 0xE1, b"Exif\0\0II*\0"))
    yield fine(
        "A21",
        "a large PNG with orientation 7",
        "turned.png",
        png(9000, 9000, depth=1, colour=0, rows=(b"\0" + b"\x55" * 1125) * 9000, extra=chunk(b"eXIf", exif(7))),
    )
    for name, data in {
        "bmp": b"BM" + b"\0" * 60,
        "tiff": b"II*\0" + b"\0" * 60,
        "ppm": b"P6\n2 2\n255\n" + b"\0" * 12,
        "gif": b"GIF89a" + b"\0" * 30,
        "webp": b"RIFF\x24\0\0\0WEBPVP8 " + b"\0" * 24,
        "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "heic": b"\0\0\0\x18ftypheic" + b"\0" * 40,
    }.items():
        yield skipped("A23", f"a {name.upper()} file", f"other.{name}", data, "")
    yield fine("A24", "a PNG named .jpg", "wrong.jpg", good)
    yield fine("A24", "a JPEG named .png", "wrong.png", jpeg)
    for width, height in ((1, 1), (2731, 1), (1, 2731), (65500, 1), (300, 7)):
        yield fine("A25", f"a picture of {width} x {height}", f"thin-{width}-{height}.png", png(width, height))
    yield Case("A26", "a picture that is not there", ["predict", "run", "pictures/none.jpg"], 66, "none.jpg")
    os.mkfifo(corpus.folder / "pictures/pipe.jpg")
    yield Case("B8", "a pipe named .jpg", ["predict", "run", "pictures/pipe.jpg"], (65, 66), "pipe")
    yield Case("A26", "a device", ["predict", "run", "/dev/zero"], (65, 66), "")
    if os.geteuid() != 0:
        os.chmod(corpus.folder / write("pictures/closed.jpg", jpeg), 0)
        yield Case("A26", "a picture without permission", ["predict", "run", "pictures/closed.jpg"], 77, "permission")
    yield Case(
        "A",
        "a folder, a text and a picture together",
        ["predict", "run", "pictures/text.jpg", "pictures/wrong.jpg", "pictures/empty.jpg"],
        65,
        r"wrong\.jpg",
    )
    yield Case(
        "A",
        "names from standard input",
        ["predict", "run", "-"],
        0,
        "tail.jpg",
        input=b"pictures/tail.jpg\npictures/noend.png\n",
    )
    yield Case("A", "no names from standard input", ["predict", "run", "-"], (64, 65, 66), "")
