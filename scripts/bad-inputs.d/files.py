"""Pictures and weight files, whole or broken, with Python's standard library only."""

import collections
import io
import json
import pickle
import re
import struct
import sys
import types
import zipfile
import zlib
from pathlib import Path


def chunk(kind, data, crc=None):
    return (
        struct.pack(">I", len(data))
        + kind
        + data
        + struct.pack(">I", zlib.crc32(kind + data) if crc is None else crc)
    )


def png(width, height, *, depth=8, colour=2, rows=None, extra=b"", palette=None, end=True, interlace=0):
    """A PNG with the given header; `rows` is the raw filtered data, or a plain grey ramp."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    line = (width * channels * depth + 7) // 8
    if rows is None:
        rows = b"".join(b"\0" + bytes((x * 7 + y * 13) % 256 for x in range(line)) for y in range(height))
    body = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace)) + extra
    if palette is not None:
        body += chunk(b"PLTE", palette)
    body += chunk(b"IDAT", zlib.compress(rows, 9))
    return b"\x89PNG\r\n\x1a\n" + body + (chunk(b"IEND", b"") if end else b"")


def exif(orientation, *, loop=False):
    entries = struct.pack("<HHHIHH", 1, 0x0112, 3, 1, orientation, 0)
    following = struct.pack("<I", 8 if loop else 0)
    return b"II*\0" + struct.pack("<I", 8) + entries + following


def jpeg_with(jpeg, marker, payload):
    return jpeg[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(payload) + 2) + payload + jpeg[2:]


def jpeg_sized(jpeg, width, height):
    """The same file with another size in its frame header."""
    at = re.search(rb"\xff[\xc0\xc2]", jpeg).start()
    return jpeg[: at + 5] + struct.pack(">HH", height, width) + jpeg[at + 9 :]


def gif(screen=(9, 7), frame=(9, 7)):
    """One frame of one colour. Its pixels are codes of eight bits, with a new table before the codes grow longer."""
    packed = bytes([128] + [x % 100 for x in range(63)] + [129])
    blocks = bytes([len(packed)]) + packed + b"\0"
    header = b"GIF89a" + struct.pack("<HHBBB", *screen, 0xF6, 0, 0) + bytes(range(128)) * 3
    return header + b"," + struct.pack("<HHHHB", 0, 0, *frame, 0) + b"\7" + blocks + b";"


def tiff(width, height, pixels, *, compression=1, tile=None, rows=None, following=0, photometric=2, wide=None):
    """RGB or other colours of three samples, with its directory first and one strip or tile; or grey of 32 bits of the
    format `wide`."""
    tags = {256: width, 257: height, 258: 8, 259: compression, 262: photometric, 277: 3}
    if wide:
        tags |= {258: 32, 262: 1, 277: 1, 339: wide}
    place = (322, 323, 324, 325) if tile else (None, 278, 273, 279)
    if tile:
        tags[place[0]] = tile
    tags[place[1]] = tile or rows or height
    tags[place[3]] = len(pixels)
    start = 8 + 2 + 12 * (len(tags) + 1) + 4
    tags[place[2]] = start
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in sorted(tags.items()))
    directory = struct.pack("<H", len(tags)) + entries + struct.pack("<I", following)
    return b"II*\0" + struct.pack("<I", 8) + directory + pixels


def webp(canvas=None, animated=False):
    """Lossless, 3 x 2 pixels of one colour; with a canvas, in the extended form."""
    body = bytes.fromhex("5650384c110000002f024000000750e42ad4a3ff8188e87f0000")
    if canvas:
        sides = b"".join((side - 1).to_bytes(3, "little") for side in canvas)
        body = b"VP8X" + struct.pack("<II", 10, 2 if animated else 0) + sides + (b"" if animated else body)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def bmp(width, height, *, bits=24, rows=None, compression=0, colors=0, header=40, offset=None):
    if rows is None:
        rows = bytes(((width * bits + 31) // 32 * 4) * height)
    palette = bytes(4 << bits) if bits <= 8 else b""
    start = 14 + header + len(palette) if offset is None else offset
    fields = struct.pack("<IiiHHIIiiII", header, width, height, 1, bits, compression, 0, 0, 0, colors, 0)
    return b"BM" + struct.pack("<IHHI", 14, 0, 0, start) + fields.ljust(header, b"\0") + palette + rows


def read_safetensors(path):
    data = Path(path).read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    start = 8 + length
    return {
        name: (
            entry["dtype"],
            entry["shape"],
            data[start + entry["data_offsets"][0] : start + entry["data_offsets"][1]],
        )
        for name, entry in header.items()
    }


def safetensors(tensors, metadata=None):
    header, offset = {}, 0
    if metadata:
        header["__metadata__"] = metadata
    for name, (dtype, shape, data) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [offset, offset + len(data)]}
        offset += len(data)
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + b"".join(data for _, _, data in tensors.values())


def raw_safetensors(header, data=b"", length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


class Torch:
    """Just enough of PyTorch's names for Python's pickle module to write a state dict as torch.save does."""

    def __init__(self):
        self.modules = {}
        self.storages = {
            dtype: self.name("torch", kind)
            for dtype, kind in {
                "F32": "FloatStorage",
                "F64": "DoubleStorage",
                "I64": "LongStorage",
                "F16": "HalfStorage",
            }.items()
        }
        self.rebuild = self.name("torch._utils", "_rebuild_tensor_v2")

    def name(self, module, name):
        parts = module.split(".")
        for count in range(1, len(parts) + 1):
            path = ".".join(parts[:count])
            self.modules[path] = sys.modules.setdefault(path, types.ModuleType(path))
        made = type(name, (), {"__module__": module, "__qualname__": name})
        setattr(self.modules[module], name, made)
        return made


class Call:
    """Pickles as a call of `function` with `arguments`."""

    def __init__(self, function, *arguments):
        self.function, self.arguments = function, arguments

    def __reduce__(self):
        return (self.function, self.arguments)


class Storage:
    def __init__(self, dtype, key, count):
        self.dtype, self.key, self.count = dtype, key, count


def strides(shape):
    result, step = [], 1
    for size in reversed(shape):
        result.insert(0, step)
        step *= size
    return tuple(result)


class Pth:
    """A .pth file under construction: tensors are (dtype, shape, data) as in read_safetensors."""

    torch = None

    def __init__(self):
        Pth.torch = Pth.torch or Torch()
        self.records = {}

    def tensor(self, dtype, shape, data, *, count=None, size=None, stride=None, offset=0, trailing=()):
        key = str(len(self.records))
        self.records[key] = data
        width = {"F32": 4, "F64": 8, "I64": 8, "F16": 2}[dtype]
        storage = Storage(dtype, key, len(data) // width if count is None else count)
        return Call(
            Pth.torch.rebuild,
            storage,
            offset,
            tuple(shape) if size is None else size,
            strides(shape) if stride is None else stride,
            False,
            collections.OrderedDict(),
            *trailing,
        )

    def pickled(self, value, protocol=2):
        storages = Pth.torch.storages

        class Pickler(pickle.Pickler):
            def persistent_id(self, item):
                if isinstance(item, Storage):
                    return ("storage", storages[item.dtype], item.key, "cpu", item.count)

        out = io.BytesIO()
        Pickler(out, protocol).dump(value)
        return out.getvalue()

    def archive(
        self,
        value=None,
        *,
        pkl=None,
        version="3",
        byteorder="little",
        compression=zipfile.ZIP_STORED,
        skip=(),
        protocol=2,
    ):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", compression) as file:
            if "data.pkl" not in skip:
                file.writestr("archive/data.pkl", self.pickled(value, protocol) if pkl is None else pkl)
            file.writestr("archive/byteorder", byteorder)
            for key, data in self.records.items():
                if key not in skip:
                    file.writestr(f"archive/data/{key}", data)
            file.writestr("archive/version", version)
        return out.getvalue()


def state_dict(tensors, **options):
    pth = Pth()
    return pth.archive(
        collections.OrderedDict((name, pth.tensor(*tensor)) for name, tensor in tensors.items()), **options
    )


def floats(*values):
    return struct.pack(f"<{len(values)}f", *values)


def pickled_archive(pkl):
    return Pth().archive(pkl=pkl)
