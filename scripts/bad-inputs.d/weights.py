"""Weight files in every container, damaged and hostile: row C."""

import argparse
import collections
import io
import os
import shutil
import struct
import zipfile

from files import safetensors, raw_safetensors, Torch, Call, Pth, state_dict, floats, pickled_archive
from running import Case


def weights(corpus):
    write = corpus.write
    data = corpus.data("pets", pictures=2)
    tensors = corpus.tensors
    few = {"a": ("F32", [2], floats(1, 2))}

    def refused(row, title, name, contents, says, **options):
        return Case(
            row, title, corpus.train(data, "--weights", write(f"weights/{name}", contents)), 65, says, **options
        )

    def loaded(row, title, name, contents, says="weights", **options):
        return Case(
            row,
            title,
            corpus.train(data, "--weights", write(f"weights/{name}", contents)),
            0,
            says,
            limit=120,
            **options,
        )

    whole = state_dict(tensors)
    for length in (0, 1, 3, 4, 100, len(whole) // 2, len(whole) - 1):
        yield refused("C1", f"a .pth cut at {length} bytes", f"cut{length}.pth", whole[:length], "")
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    yield refused("C2", "a .pth with one wrong bit", "bit.pth", bytes(flipped), "CRC|checksum")
    canary = f"touch {corpus.folder}/canary"
    for module, name in (
        ("os", "system"),
        ("posix", "system"),
        ("builtins", "eval"),
        ("builtins", "getattr"),
        ("subprocess", "Popen"),
    ):
        code = f"c{module}\n{name}\n".encode() + b"(X" + struct.pack("<I", len(canary)) + canary.encode() + b"tR."
        yield refused(
            "C3",
            f"a pickle that calls {module}.{name}",
            f"{module}-{name}.pth",
            pickled_archive(b"\x80\x02" + code),
            "",
        )
        yield refused("C3", "the same, not in an archive", f"{module}-{name}.bin", b"\x80\x02" + code, "")

    def one(**options):
        pth = Pth()
        return pth.archive({"fc.weight": pth.tensor("F32", [2, 2], floats(1, 2, 3, 4), **options)})

    for title, options in {
        "2^40 numbers claimed": dict(count=2**40),
        "3 numbers claimed of 4": dict(count=3),
        "a size of 2^40": dict(size=(2**40, 1)),
        "a negative size": dict(size=(-1, 2)),
        "sizes that overflow": dict(size=(2**62, 2**62)),
        "a negative stride": dict(stride=(-1, 1)),
        "a stride too long": dict(stride=(2**60, 1)),
        "a negative offset": dict(offset=-1),
        "an offset too far": dict(offset=2),
        "2^40 numbers by a stride of 0": dict(size=(2**40,), stride=(0,)),
        "a size that is not a number": dict(size=("x", 2)),
        "fewer strides than sizes": dict(stride=(1,)),
    }.items():
        yield refused("C5", f"a tensor with {title}", f"{title.replace(' ', '-')}.pth", one(**options), "")
    for skip in ("data.pkl", "0"):
        yield refused("C6", f"an archive without {skip}", f"without-{skip}.pth", state_dict(few, skip=(skip,)), "")
    yield refused("C6", "version 999", "version.pth", state_dict(few, version="999"), "version")
    yield refused("C6", "byteorder middle", "order.pth", state_dict(few, byteorder="middle"), "byte")
    yield loaded("C7", "a deflated archive", "deflated.pth", state_dict(tensors, compression=zipfile.ZIP_DEFLATED))
    twice = io.BytesIO(state_dict(few))
    with zipfile.ZipFile(twice, "a") as file:
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            file.writestr("archive/data/0", floats(9, 9))
    yield refused("C9", "an entry twice", "twice.pth", twice.getvalue(), "")
    for title, code, limit in (
        ("a string of 4 GiB", b"X\xff\xff\xff\xff", 5),
        ("no end", b"}", 5),
        ("an empty stack", b"0000.", 5),
        ("a long of 2 GiB", b"\x8b\xff\xff\xff\x7f", 5),
        ("unknown opcodes", b"\xff\xfe.", 5),
        ("a memo far away", b"}r\xff\xff\xff\xff.", 5),
        ("a frame of 2^63", b"\x95" + b"\xff" * 8, 5),
    ):
        yield refused(
            "C10",
            f"a pickle with {title}",
            f"pickle-{title.replace(' ', '-')}.pth",
            pickled_archive(b"\x80\x02" + code),
            "",
            limit=limit,
        )
    yield refused(
        "C10",
        "10^6 tuples in one another",
        "deep.pth",
        pickled_archive(b"\x80\x02)" + b"\x85" * 1_000_000 + b"."),
        "",
        limit=10,
    )
    laughs = (
        b"\x80\x02"
        + b"]q\0"
        + b"".join(b"](h" + bytes([i]) + (b"h" + bytes([i])) * 9 + b"eq" + bytes([i + 1]) for i in range(60))
        + b"."
    )
    yield refused("C10", "10^60 lists by sharing", "laughs.pth", pickled_archive(laughs), "", limit=10)
    names = b"\x80\x02cx\n" + (b"a." * 250 + b"h.") * 60_000 + b"\n."
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("archive/data.pkl", names)
        file.writestr("archive/version", "3\n")
        file.writestr("archive/byteorder", "little")
    yield refused("B12", "a name of 30 MB, packed", "name.pth", packed.getvalue(), "", limit=5)
    yield refused(
        "B12",
        "a million globals",
        "globals.pth",
        pickled_archive(b"\x80\x02" + b"ca\nb\n0" * 1_000_000 + b"}."),
        "",
        limit=10,
    )
    with zipfile.ZipFile(packed := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("archive/data.pkl", b"\0" * 400_000_000)
    yield refused("C10", "400 MB of zeros, packed", "zeros.pth", packed.getvalue(), "", limit=10)
    with zipfile.ZipFile(packed := io.BytesIO(), "w") as file:
        for index in range(250_000):
            file.writestr(f"archive/data/{index}", b"")
    yield refused("C8", "250,000 entries", "entries.pth", packed.getvalue(), "", limit=10)
    yield loaded("C11", "a pickle of protocol 4", "protocol4.pth", state_dict(tensors, protocol=4))
    whole_model = Pth()
    torch = Pth.torch or Torch()
    model = torch.name("torchvision.models.resnet", "ResNet")
    yield refused("C12", "a whole model", "model.pth", whole_model.archive(Call(model, 1)), "state_dict|object")
    pth = Pth()
    checkpoint = {
        "state_dict": collections.OrderedDict((name, pth.tensor(*tensor)) for name, tensor in tensors.items()),
        "args": argparse.Namespace(lr=0.1),
        "epoch": 3,
    }
    yield loaded("C13", "a checkpoint with arguments and an epoch", "args.pth", pth.archive(checkpoint))
    for prefix in ("module.", "model.", "_orig_mod.", "module._orig_mod."):
        yield loaded(
            "C",
            f"names that begin with {prefix}",
            f"prefix-{prefix}pth",
            state_dict({prefix + n: t for n, t in tensors.items()}),
        )
    yield refused("C14", "a page of HTML", "page.pth", b"<!DOCTYPE html><html>Not found</html>", "HTML")
    yield refused(
        "C14",
        "a pointer of git LFS",
        "lfs.pth",
        b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n",
        "LFS",
    )
    entry = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
    for title, contents in {
        "length 0": raw_safetensors(b""),
        "length 7": struct.pack("<Q", 7) + b"{}     ",
        "length 2^63": raw_safetensors({}, length=2**63),
        "length 2^64-1": raw_safetensors({}, length=2**64 - 1),
        "length of 100 MB and one": raw_safetensors({}, length=100_000_001),
        "not JSON": raw_safetensors(b"{nonsense"),
        "an array": raw_safetensors(b"[]"),
        "a hole": raw_safetensors({"a": dict(entry, data_offsets=[8, 16])}, bytes(16)),
        "a tail": raw_safetensors({"a": entry}, bytes(16)),
        "an overlap": raw_safetensors({"a": entry, "b": entry}, bytes(8)),
        "a negative offset": raw_safetensors({"a": dict(entry, data_offsets=[-8, 0])}, bytes(8)),
        "an offset with a point": raw_safetensors({"a": dict(entry, data_offsets=[0.5, 8.5])}, bytes(8)),
        "sizes that overflow": raw_safetensors({"a": dict(entry, shape=[2**62, 2**62])}, bytes(8)),
        "a size too large": raw_safetensors({"a": dict(entry, shape=[2**40])}, bytes(8)),
        "a negative size": raw_safetensors({"a": dict(entry, shape=[-2])}, bytes(8)),
        "an unknown type": raw_safetensors({"a": dict(entry, dtype="F31")}, bytes(8)),
        "a name twice": raw_safetensors(
            b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},'
            b'"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}',
            bytes(8),
        ),
        "deep nesting": raw_safetensors(b'{"__metadata__":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001),
        "data cut short": raw_safetensors({"a": entry}, bytes(4)),
        "no offsets": raw_safetensors({"a": {"dtype": "F32", "shape": [2]}}, bytes(8)),
        "a million names": raw_safetensors({"__metadata__": {str(i): "" for i in range(1_000_000)}}),
        "a NUL in its header": raw_safetensors(b'{"a":\0}'),
        "other tensors": raw_safetensors({"a": entry}, bytes(8)),
    }.items():
        yield refused(
            "C15", f"safetensors with {title}", f"{title.replace(' ', '-')}.safetensors", contents, "", limit=10
        )
    yield Case(
        "C17",
        "no network and no file",
        corpus.train(data, "--weights", "imagenet"),
        69,
        "none.*weight file|weight file.*none|--weights",
    )
    yield loaded("C19", "a head for other classes", "head.safetensors", safetensors(tensors), "head")
    bad = dict(tensors)
    shape, values = tensors["layer1.0.conv1.weight"][1], bytearray(tensors["layer1.0.conv1.weight"][2])
    values[:4] = floats(float("nan"))
    bad["layer1.0.conv1.weight"] = ("F32", shape, bytes(values))
    yield refused("D2", "weights of NaN", "nan.safetensors", safetensors(bad), r"layer1\.0\.conv1\.weight")
    yield refused("D2", "the same in .pth", "nan.pth", state_dict(bad), r"layer1\.0\.conv1\.weight")
    shutil.copytree(corpus.folder / "run", corpus.folder / "nanrun")
    write("nanrun/model.safetensors", safetensors(bad))
    for extra in ([], ["--json"]):
        yield Case(
            "D2",
            "predicting with weights of NaN " + " ".join(extra),
            ["predict", "nanrun", "pictures/tail.jpg", *extra],
            65,
            "nan|finite",
            says_not="nan %",
        )
    yield Case(
        "C",
        "the weights of another network",
        corpus.train(data, "--model", "resnet50", "--weights", "run/model.safetensors"),
        65,
        "resnet18",
    )
    yield Case("C", "a run folder for weights", corpus.train(data, "--weights", "run"), 0, "", limit=120)
    yield Case("C", "a folder for weights", corpus.train(data, "--weights", "toys"), (65, 66), "")
    yield Case("C", "no such weights", corpus.train(data, "--weights", "none.pth"), 66, r"none\.pth")
    os.mkfifo(corpus.folder / "weights/pipe.pth")
    yield Case("C", "a pipe for weights", corpus.train(data, "--weights", "weights/pipe.pth"), (65, 66), "", limit=5)
    yield Case("C", "a device for weights", corpus.train(data, "--weights", "/dev/zero"), (65, 66), "", limit=5)
