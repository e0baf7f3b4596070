"""Run folders whose run.json is damaged, or from another version: row F7."""

import json
import os
import re
import shutil

from running import Case


def records(corpus):
    record = json.loads((corpus.folder / "run/run.json").read_text())

    def changed(title, change=None, text=None, status=65, says=""):
        name = "record-" + re.sub(r"\W+", "-", title)
        shutil.copytree(corpus.folder / "run", corpus.folder / name)
        if change:
            copy = json.loads(json.dumps(record))
            change(copy)
            text = json.dumps(copy)
        corpus.write(f"{name}/run.json", text.encode() if isinstance(text, str) else text)
        return Case("F7", f"run.json: {title}", ["predict", name, "pictures/tail.jpg"], status, says, limit=10)

    yield changed("a format of the future", lambda r: r.update(format=99), says="layout|format|version")
    yield changed("an unknown network", lambda r: r["model"].update(name="resnet19"), says="resnet19")
    yield changed("another network", lambda r: r["model"].update(name="resnet34"))
    yield changed("fewer classes", lambda r: r["classes"].pop())
    yield changed("no classes", lambda r: r.update(classes=[]))
    yield changed("a class twice", lambda r: r.update(classes=["a", "a", "b"]))
    yield changed("2^62 classes", lambda r: r["model"].update(classCount=2**62))
    yield changed("-1 classes", lambda r: r["model"].update(classCount=-1))
    for key in ("resizeSize", "cropSize"):
        for value in (0, -1, 65536, 2**31, 2**62, 1e300):
            yield changed(f"{key} {value}", lambda r: r["preprocessing"].update({key: value}))
    yield changed("a deviation of 0", lambda r: r["preprocessing"].update(deviation=[0, 1, 1]))
    yield changed("two means", lambda r: r["preprocessing"].update(mean=[0, 1]))
    yield changed("an unknown interpolation", lambda r: r["preprocessing"].update(interpolation="magic"))
    yield changed("empty", text="")
    yield changed("cut short", text=json.dumps(record)[:100])
    yield changed("not JSON", text="\0\1\2" * 50)
    yield changed("an array", text="[]")
    yield changed("100,000 brackets", text="[" * 100_000)
    yield changed("50 MB", text=" " * 50_000_000 + "{}")
    yield changed("words that no one knows", lambda r: r.update(future={"a": [1, 2]}), status=0, says="%")
    yield Case("F", "a folder that is no run", ["predict", "toys", "pictures/tail.jpg"], (65, 66), "run")
    yield Case("F", "a run that is not there", ["predict", "nothing", "pictures/tail.jpg"], 66, "nothing")
    shutil.copytree(corpus.folder / "run", corpus.folder / "unfinished")
    os.remove(corpus.folder / "unfinished/model.safetensors")
    yield Case("F2", "a run without weights", ["predict", "unfinished", "pictures/tail.jpg"], (65, 66), r"weights|model\.safetensors")
