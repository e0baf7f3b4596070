"""What is exported, converted and looked into, and where that cannot be done: rows C and F."""

import os
import shutil

from files import floats, pickled_archive, raw_safetensors, safetensors, state_dict
from running import Case, limit_to


def export(corpus):
    write = corpus.write
    whole = state_dict(corpus.tensors)
    few = safetensors({"a": ("F32", [2], floats(1, 2))}, {"note": "x"})
    write("files/whole.pth", whole)
    write("files/few.safetensors", few)

    def case(row, title, arguments, status, says="", **more):
        return Case(row, f"{arguments[0]}: {title}", arguments, status, says, **more)

    yield case("C", "a run as safetensors", ["export", "run", "files/out.safetensors"], 0, "resnet18, 3 classes")
    yield case("C", "a run as pth", ["export", "run", "files/out.pth"], 0, "resnet18, 3 classes")
    yield case("C", "a format that the name does not have", ["export", "run", "files/out", "--format", "pth"], 0)
    yield case("D", "a format and another name", ["export", "run", "x.pth", "--format", "safetensors"], 64, "x.pth")
    yield case("D", "a format that there is not", ["export", "run", "x", "--format", "onnx"], 64, "onnx")
    yield case("D", "a name without a format", ["export", "run", "files/out"], 64, "safetensors or .pth")
    yield case("F", "a run that is not there", ["export", "nothing", "x.pth"], 66, "nothing")
    yield case("F", "a folder that is no run", ["export", "toys", "x.pth"], 66, "run.json")
    yield case("F", "a file in a missing folder", ["export", "run", "none/x.pth"], 73, "create the folder first")
    os.makedirs(corpus.folder / "folder.pth")
    yield case("F", "a file in place of a folder", ["export", "run", "folder.pth"], 73, "folder.pth")
    shutil.copytree(corpus.folder / "run", corpus.folder / "rotten")
    rotten = bytearray((corpus.folder / "rotten/model.safetensors").read_bytes())
    rotten[len(rotten) // 2] ^= 1
    write("rotten/model.safetensors", bytes(rotten))
    yield case("C2", "weights with one wrong bit", ["export", "rotten", "x.pth"], 65, "SHA-256")

    shutil.copy(corpus.folder / "run/model.safetensors", corpus.folder / "files/copy.safetensors")
    picture = "pictures/tail.jpg"
    yield case("F", "a copy of a run's weights alone", ["predict", "files/copy.safetensors", picture], 0, "tail.jpg")
    yield case("F", "a file without notes", ["predict", "files/few.safetensors", picture], 65, "does not say what its")
    yield case("F", "a format that has no notes", ["predict", "files/whole.pth", picture], 65, "does not say what its")
    yield case("F", "a picture for a run", ["predict", picture, picture], (65, 66), "run.json")
    yield case("D", "a table over JSON", ["predict", "run", picture, "--json", "--csv", "-"], 64, "both write")
    yield case("F", "a table in a missing folder", ["predict", "run", picture, "--csv", "none/x.csv"], 73, "none")

    yield case("C", "pth to safetensors", ["convert", "files/whole.pth", "files/a.safetensors"], 0, "tensors")
    yield case("C", "safetensors to pth", ["convert", "files/few.safetensors", "files/b.pth"], 0, "left out: notes")
    yield case("C", "a file to itself", ["convert", "files/few.safetensors", "files/few.safetensors"], 0, "1 tensors")
    yield case("C", "a run folder", ["convert", "run", "files/c.pth"], 0, "tensors")
    yield case("F", "no file", ["convert", "nothing.pth", "x.safetensors"], 66, "nothing.pth")
    yield case("F", "a folder without weights", ["convert", "toys", "x.pth"], (65, 66), "toys")
    yield case("D", "a name of no format", ["convert", "files/whole.pth", "x.onnx"], 64, "safetensors or .pth")
    yield case("F", "a file in a missing folder", ["convert", "files/whole.pth", "none/x.safetensors"], 73, "none")
    yield case(
        "F",
        "a file that outgrows its limit",
        ["convert", "files/whole.pth", "x.safetensors"],
        74,
        "x.safetensors",
        before=lambda: limit_to("FSIZE", 1 << 20),
    )
    for number, length in enumerate((0, 3, 100, len(whole) // 2, len(whole) - 1)):
        write(f"files/cut{number}.pth", whole[:length])
        yield case("C1", f"a .pth cut at {length} bytes", ["convert", f"files/cut{number}.pth", "x.safetensors"], 65)
        yield case("C1", f"a .pth cut at {length} bytes", ["inspect", f"files/cut{number}.pth"], 65)
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    write("files/bit.pth", bytes(flipped))
    yield case("C2", "a .pth with one wrong bit", ["convert", "files/bit.pth", "x.safetensors"], 65, "CRC|checksum")
    canary = f"touch {corpus.folder}/canary"
    code = b"\x80\x02cos\nsystem\n(X" + len(canary).to_bytes(4, "little") + canary.encode() + b"tR."
    write("files/system.pth", pickled_archive(code))
    for command in (["convert", "files/system.pth", "x.safetensors"], ["inspect", "files/system.pth"]):
        yield case("C3", "a pickle that calls os.system", command, 65)
    write("files/text.pth", b"weights")
    header = {"a": {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 2**42]}}
    write("files/huge.safetensors", raw_safetensors(header))
    for name in ("text.pth", "huge.safetensors"):
        yield case("C4", f"{name}", ["inspect", f"files/{name}"], 65, name)

    yield case("C", "a file of a run", ["inspect", "run/model.safetensors"], 0, "network +resnet18")
    yield case("C", "a run folder", ["inspect", "run"], 0, "fc.weight")
    yield case("C", "a state", ["inspect", "run/state.safetensors", "--json"], 0, '"sha256"')
    yield case("C", "the file of torch.save", ["inspect", "files/whole.pth"], 0, "conv1.weight")
    yield case("F", "no file", ["inspect", "nothing.pth"], 66, "nothing.pth")
    yield case("F", "a device", ["inspect", "/dev/zero"], (65, 66), "/dev/zero")
    yield case("D", "nothing", ["inspect"], 64, "error: ")
