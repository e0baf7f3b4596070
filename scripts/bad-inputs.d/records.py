"""Run folders whose run.json is damaged, or from another version, in every command that reads one: row F7."""

import json
import os
import re
import shutil

from running import Case, copy_of_run


def records(corpus):
    record = json.loads((corpus.folder / "run/run.json").read_text())

    def changed(title, change=None, text=None, status=65, says=""):
        name = "record-" + re.sub(r"\W+", "-", title)
        copy_of_run(corpus, name)
        if change:
            copy = json.loads(json.dumps(record))
            change(copy)
            text = json.dumps(copy)
        corpus.write(f"{name}/run.json", text.encode() if isinstance(text, str) else text)
        yield Case("F7", f"run.json: {title}", ["predict", name, "pictures/tail.jpg"], status, says, limit=10)
        says = says if status else ""
        yield Case("F7", f"run.json, report: {title}", ["report", name], status, says)
        yield Case("F7", f"run.json, evaluate: {title}", ["evaluate", name, "few"], status, says)
        line = ["resume", name, "--epochs", "2", "--no-report"]
        yield Case("F7", f"run.json, resume: {title}", line, status, says, limit=120, memory=4 << 30)

    yield from changed("a format of the future", lambda r: r.update(format=99), says="layout|format|version")
    yield from changed("an unknown network", lambda r: r["model"].update(name="resnet19"), says="resnet19")
    yield from changed("another network", lambda r: r["model"].update(name="resnet34"))
    yield from changed("fewer classes", lambda r: r["classes"].pop())
    yield from changed("no classes", lambda r: r.update(classes=[]))
    yield from changed("a class twice", lambda r: r.update(classes=["a", "a", "b"]))
    yield from changed("2^62 classes", lambda r: r["model"].update(classCount=2**62))
    yield from changed("-1 classes", lambda r: r["model"].update(classCount=-1))
    for key in ("resizeSize", "cropSize"):
        for value in (0, -1, 65536, 2**31, 2**62, 1e300):
            yield from changed(f"{key} {value}", lambda r: r["preprocessing"].update({key: value}))
    numbers = (2**63 - 1, -(2**63), 2**62, -1, 1e300)
    for field in ("trainCount", "validationCount", "skippedCount"):
        for value in numbers:
            yield from changed(f"{field} {value}", lambda r: r["data"].update({field: value}), says="run.json")
    for value in numbers:
        yield from changed(f"epochs {value}", lambda r: r["options"].update(epochs=value), says="run.json")
        yield from changed(f"a best epoch {value}", lambda r: r["best"].update(epoch=value), says="run.json")
    for value in (-1, 2, 1e300):
        yield from changed(f"a best accuracy {value}", lambda r: r["best"].update(validationAccuracy=value), says="run.json")
    yield from changed("a deviation of 0", lambda r: r["preprocessing"].update(deviation=[0, 1, 1]))
    yield from changed("two means", lambda r: r["preprocessing"].update(mean=[0, 1]))
    yield from changed("an unknown interpolation", lambda r: r["preprocessing"].update(interpolation="magic"))
    yield from changed("empty", text="")
    yield from changed("cut short", text=json.dumps(record)[:100])
    yield from changed("not JSON", text="\0\1\2" * 50)
    yield from changed("an array", text="[]")
    yield from changed("100,000 brackets", text="[" * 100_000)
    yield from changed("50 MB", text=" " * 50_000_000 + "{}")
    yield from changed("words that no one knows", lambda r: r.update(future={"a": [1, 2]}), status=0, says="%")
    yield Case("F", "a folder that is no run", ["predict", "toys", "pictures/tail.jpg"], (65, 66), "run")
    yield Case("F", "a run that is not there", ["predict", "nothing", "pictures/tail.jpg"], 66, "nothing")
    shutil.copytree(corpus.folder / "run", corpus.folder / "unfinished")
    os.remove(corpus.folder / "unfinished/model.safetensors")
    yield Case("F2", "a run without weights", ["predict", "unfinished", "pictures/tail.jpg"], (65, 66), r"weights|model\.safetensors")
