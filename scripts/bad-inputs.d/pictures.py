"""Pictures that are cut short, claim too much, or are merely odd: row A."""

import os
import random
import struct
import zlib

from files import bmp, chunk, exif, gif, jpeg_sized, jpeg_with, png, tiff, webp
from running import Case


def noise(width, height):
    """Rows that do not compress."""
    numbers = random.Random(2)
    return b"".join(b"\0" + numbers.randbytes(width * 3) for _ in range(height))


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
        yield Case(
            "A4",
            f"a JPEG cut at {part} %, with grey",
            ["predict", "run", f"pictures/cut{part}.jpg", "--truncated", "pad"],
            0,
            "what is missing is grey",
        )
    yield Case(
        "A10",
        "a PNG cut at 50 %, with grey",
        ["predict", "run", write("pictures/cut.png", png(40, 30, rows=noise(40, 30))[:1900]), "--truncated", "pad"],
        0,
        "truncated PNG: what is missing is grey",
    )
    yield Case("A4", "nothing of a picture, with grey", ["predict", "run", "pictures/three.jpg", "--truncated", "pad"], 65)
    yield fine("A4", "a JPEG without its end marker alone", "noend.jpg", jpeg[:-2])
    yield Case(
        "A5", "the same, strictly", ["predict", "run", "pictures/noend.jpg", "--strict"], 65, "skipped: .*end marker"
    )
    damaged = bytearray(jpeg)
    for index, value in enumerate(random.Random(1).randbytes(20)):
        damaged[len(jpeg) // 2 + index] = value if value != 0xFF else 0
    yield Case(
        "A5",
        "a JPEG with 20 other bytes in its middle",
        ["predict", "run", write("pictures/middle.jpg", bytes(damaged))],
        (0, 65),
    )
    spoilt = write("pictures/spoilt.jpg", jpeg[:-2] + b"\x55" * 20 + jpeg[-2:])
    yield Case("A5", "a JPEG that looks damaged", ["predict", "run", spoilt], 0, "suspect: ")
    yield Case("A5", "the same, strictly", ["predict", "run", spoilt, "--strict"], 65, "skipped: .*suspect JPEG")
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
    yield from other_formats(skipped, fine)
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
    yield from names(corpus)
    yield Case("A", "no names from standard input", ["predict", "run", "-"], (64, 65, 66), "")


def names(corpus):
    """Folders with other files than pictures, and names that are not text."""
    for name in ("1.jpg", "notes.txt", "clip.mp4", "photo"):
        corpus.write(f"mixed/{name}", corpus.jpeg if name in ("1.jpg", "photo") else b"text")
    title, says = "a folder with other files", r"note: 3 files without a picture's extension(.|\n)*mixed/1\.jpg"
    yield Case("B", f"predict: {title}", ["predict", "run", "mixed"], 0, says)
    os.remove(corpus.folder / "mixed/1.jpg")
    yield Case("B", f"predict: {title} alone", ["predict", "run", "mixed"], 66, "no pictures, only 3 files without")
    odd = b"caf\xe9\n.jpg".decode("utf-8", "surrogateescape")
    corpus.write(odd, corpus.jpeg)
    says = r'"image":"caf\\\\xe9\\\\u{a}.jpg"'
    yield Case("B9", "predict: a name that is not text, as JSON", ["predict", "run", odd, "--json"], 0, says)
    encoded = '"imageBytes":"Y2Fm6QouanBn"'
    yield Case("B9", "predict: its bytes in base64", ["predict", "run", odd, "--json"], 0, encoded)


def other_formats(skipped, fine):
    """WebP, TIFF, GIF, BMP and PPM: whole, cut, and with sizes that are not true."""
    whole = {
        "gif": gif(),
        "tif": tiff(9, 7, bytes(range(189))),
        "webp": webp(),
        "bmp": bmp(9, 7),
        "ppm": b"P6\n9 7\n255\n" + bytes(range(189)),
        "pgm": b"P2\n3 2\n9\n1 2 3\n4 5 6\n",
    }
    for name, data in whole.items():
        yield fine("A23", f"a {name.upper()} file", f"whole.{name}", data)
        yield fine("A24", f"a {name.upper()} file named .png", f"{name}.png", data)
        for part in (25, 50, 90):
            cut = data[: len(data) * part // 100]
            yield skipped("A23", f"a {name.upper()} file cut at {part} %", f"cut{part}.{name}", cut, "truncated|damaged|not a picture")
    for name, data in {
        "bmp": b"BM" + b"\0" * 60,
        "tif": b"II*\0" + b"\0" * 60,
        "gif": b"GIF89a" + b"\0" * 30,
        "webp": b"RIFF\x24\0\0\0WEBPVP8 " + b"\0" * 24,
    }.items():
        yield skipped("A23", f"a {name.upper()} file of zeros", f"zeros.{name}", data, "damaged|truncated")
    yield skipped("A23", "an SVG file", "other.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG")
    yield skipped("A23", "a PAM file", "other.pam", b"P7\nWIDTH 1\n", "PAM")
    yield skipped("A23", "a HEIC file of zeros", "other.heic", b"\0\0\0\x18ftypheic" + b"\0" * 40, "HEIC")
    yield skipped("A23", "an AVIF file of zeros", "other.avif", b"\0\0\0\x18ftypavif" + b"\0" * 40, "AVIF")
    for title, name, data in bombs():
        yield skipped("A7", title, name, data, "pixel|truncated|damaged|support", limit=5)
    yield skipped("A8", "a GIF whose frame is empty", "empty-frame.gif", gif(frame=(0, 0)), "damaged|truncated")
    yield skipped("A8", "a BMP of 0 x 0", "none.bmp", bmp(0, 0), "0 x 0")
    yield skipped("A8", "a PPM of 0 x 0", "none.ppm", b"P6 0 0 255\n" + b"\0" * 9, "0 x 0")
    yield fine("A23", "a TIFF whose directories form a circle", "circle.tif", tiff(9, 7, bytes(range(189)), following=8))
    for title, kind, value, says in (
        ("floats from 0 to 1", 3, struct.pack("<f", 0.5), "from 0.5 to 0.5 are not scaled: where white is 255, that is black"),
        ("large floats", 3, struct.pack("<f", 3e9), "are not scaled, but cut off"),
        ("large integers", 1, b"\xff\xff\xff\xff", "from 4294967295 to 4294967295 are not scaled, but cut off"),
    ):
        yield fine("A23", f"a TIFF of 32 bits, {title}", f"wide{kind}.tif", tiff(9, 7, value * 63, wide=kind), says)
    yield skipped("A23", "a TIFF whose directory is behind its end", "behind.tif", b"II*\0\xff\xff\xff\x7f" + b"\0" * 99, "TIFF")
    yield skipped("A23", "a PPM with a sample too large", "sample.ppm", b"P3 1 1 255\n1 2 256\n", "256")
    yield skipped("A23", "a BMP of 3 bits", "three.bmp", bmp(9, 7, bits=3), "3 bits")
    yield skipped("A23", "a BMP with a header of 41 bytes", "header.bmp", bmp(9, 7, header=41), "41 bytes")


def bombs():
    """Files that claim far more than they hold: title, name, bytes."""
    yield "a GIF that claims 65535 x 65535", "claim.gif", gif(screen=(65535, 65535))
    yield "a GIF whose frame claims 65535 x 65535", "claim-frame.gif", gif(frame=(65535, 65535))
    yield "a GIF of 9 x 7 on a canvas of 13000 x 13000", "canvas.gif", gif(screen=(13000, 13000))
    yield "a GIF of 13000 x 13000 in 20 bytes", "large.gif", gif(screen=(13000, 13000), frame=(13000, 13000))
    for width, height in ((65535, 65535), (2**31 - 1, 1), (13000, 13000)):
        yield f"a TIFF that claims {width} x {height}", f"claim-{width}-{height}.tif", tiff(width, height, bytes(99))
    for side in (2**31, 2**30, 2**16, 2**14 + 16):
        yield f"a TIFF with tiles of {side}", f"tiles-{side}.tif", tiff(9, 7, bytes(300), tile=side)
    for scheme in (5, 8, 32773, 1):
        data = tiff(13000, 13000, b"\x80\0", compression=scheme)
        yield f"a TIFF of 13000 x 13000 with compression {scheme} in two bytes", f"tiny-{scheme}.tif", data
    data = tiff(13000, 13000, b"\x80\0", compression=5, photometric=6)
    yield "a TIFF of 13000 x 13000 in luminance and two colours in two bytes", "luminance.tif", data
    data = tiff(9, 7, b"\x80\0", compression=5, tile=2**14)
    yield "a TIFF of 9 x 7 in a tile of 16384 x 16384 in two bytes", "wide-tile.tif", data
    yield "a TIFF with a billion strips", "strips.tif", tiff(9, 10**9, bytes(300), rows=1)
    yield "a WebP with a false canvas", "canvas.webp", webp(canvas=(9000, 9000))
    yield "a WebP with a canvas of 16777216 x 16777216", "giant.webp", webp(canvas=(1 << 24, 1 << 24))
    yield "a WebP animation without frames", "frames.webp", webp(canvas=(9000, 9000), animated=True)
    for width, height in ((65536, 65536), (13000, 13000), (-9, 7), (9, -(2**31)), (2**31 - 1, 2**31 - 1)):
        yield f"a BMP that claims {width} x {height}", f"claim-{width}-{height}.bmp", bmp(width, height, rows=bytes(99))
    yield "a run-length encoded BMP that ends at once", "ended.bmp", bmp(9, 7, bits=8, compression=1, rows=b"\0\1")
    yield "a BMP whose pixels are behind its end", "offset.bmp", bmp(9, 7, offset=2**32 - 1)
    yield "a BMP with a palette of 4294967295", "palette.bmp", bmp(9, 7, bits=8, colors=2**32 - 1)
    yield "a run-length encoded BMP of 13000 x 13000", "runs.bmp", bmp(13000, 13000, bits=8, compression=1, rows=b"\xff\1" * 9)
    for maximum in (0, 65536, 10**10, 10**12):
        data = b"P5 1 1 %d\n\0\0" % maximum
        yield f"a PGM whose largest sample is {maximum}", f"maximum-{maximum}.pgm", data
    for size in (b"100000 100000", b"99999999999 1", b"13000 13000", b"-1 5"):
        data = b"P6 " + size + b" 255\n" + bytes(9)
        yield f"a PPM that claims {size.decode()}", f"claim-{size.decode().replace(' ', '-')}.ppm", data
