"""Inputs that went wrong once, from a folder."""

import shutil
import subprocess
import sys

from files import safetensors
from running import Case


def past(corpus):
    source = corpus.first_contact
    shutil.copytree(source, corpus.folder / "past")
    # The record has two classes; this run has three.
    tensors = dict(corpus.tensors)
    for name in ("fc.weight", "fc.bias"):
        dtype, shape, data = tensors[name]
        tensors[name] = (dtype, [2] + shape[1:], data[: len(data) * 2 // 3])
    corpus.write("past/run-hostile-crop/model.safetensors", safetensors(tensors))
    yield Case("past", "wide-2731x1.png", ["predict", "run", "past/wide-2731x1.png"], 0, "%")
    data = corpus.data("pastdata", pictures=2)
    shutil.copy(source / "wide-2731x1.png", corpus.folder / data / "val/cat/wide.png")
    yield Case("past", "wide-2731x1.png in val", corpus.train(data), 0, "", limit=120)
    yield Case(
        "past", "run-hostile-crop", ["predict", "past/run-hostile-crop", "pictures/tail.jpg"], 65, "65536|resize"
    )
    subprocess.run([sys.executable, source / "make_global_bomb.py"], cwd=corpus.folder / "past", check=True)
    yield Case(
        "past",
        "glob_dots.pth",
        corpus.train(data, "--weights", "past/glob_dots.pth"),
        65,
        "",
        limit=3,
        memory=400 << 20,
    )
    for name in ("negation.pth", "expanded.pth", "lightning.ckpt"):
        yield Case("past", name, corpus.train(data, "--weights", f"past/{name}"), 65, "", says_not="beyond|too large")
