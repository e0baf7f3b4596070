"""Run folders in which another file than run.json is damaged, or claims what cannot be: row F8."""

import json
import os
import struct

from running import Case, copy_of_run

LARGE = (2**63 - 1, -(2**63), 2**62, -1)


def damaged(corpus):
    count = 0

    def case(title, file, content, *, resume=0, report=0):
        """The three commands that read a whole run, on a run with `content` in one of its files."""
        nonlocal count
        count += 1
        name = f"damaged-{count}"
        copy_of_run(corpus, name)
        path = corpus.folder / name / file
        if path.exists():
            # It may be the same file as that of the run.
            os.remove(path)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        yield Case("F8", f"{file}, report: {title}", ["report", name], report, "report.html" if report == 0 else file)
        yield Case("F8", f"{file}, evaluate: {title}", ["evaluate", name, "few"], 0, "accuracy")
        line = ["resume", name, "--epochs", "2", "--no-report"]
        yield Case("F8", f"{file}, resume: {title}", line, resume, file if resume else "", limit=120, memory=4 << 30)

    run = corpus.folder / "run"
    head, row = (run / "metrics.csv").read_text().splitlines()[:2]
    columns = head.split(",")
    for column, values in {
        "epoch": ("nan", "1e30", "-1", "0", "1.5", "inf", ""),
        "lr": ("nan", "-1", "1e308"),
        "val_loss": ("nan", "1e308", "-1e308"),
        "images_per_second": ("-1e300", "1e300", "nan"),
        "seconds": ("-1e300", "1e300", "nan"),
    }.items():
        for value in values:
            cells = row.split(",")
            cells[columns.index(column)] = value
            yield from case(f"{column} {value}", "metrics.csv", f"{head}\n{','.join(cells)}\n")
    yield from case("no table", "metrics.csv", b"\0\xff" * 1000)
    yield from case("100,000 columns", "metrics.csv", "\n".join([",".join(f"val_{n}" for n in range(100_000))] * 2))
    yield from states(corpus, case)
    yield from searches(corpus, case)
    for file in ("data.csv", "config.json", "environment.json", "predictions.csv"):
        yield from case("something else", file, b"[\0\xff" * 1000)
        yield from case("nothing", file, b"")


def states(corpus, case):
    """States that claim what no run can have counted to."""
    whole = (corpus.folder / "run/state.safetensors").read_bytes()
    length = struct.unpack("<Q", whole[:8])[0]
    header = json.loads(whole[8 : 8 + length])

    def changed(title, key, change):
        copy = json.loads(json.dumps(header))
        place = json.loads(copy["__metadata__"][key])
        change(place)
        copy["__metadata__"][key] = json.dumps(place)
        text = json.dumps(copy).encode()
        content = struct.pack("<Q", len(text)) + text + whole[8 + length :]
        return case(title, "state.safetensors", content, resume=65)

    for value in LARGE:
        for field in ("epoch", "nextBatch", "sampleCount", "averageCount"):
            yield from changed(f"{field} {value}", "state", lambda p: p.update({field: value}))
        yield from changed(f"an epoch {value} in the history", "state", lambda p: p["history"][0].update(epoch=value))
        yield from changed(f"a schedule at {value}", "state", lambda p: p["scheduler"].update(epoch=value))
    for value in (-1e300, 1e300, "nan"):
        yield from changed(f"{value} seconds", "state", lambda p: p.update(seconds=value))
        yield from changed(
            f"{value} seconds in the history", "state", lambda p: p["history"][0]["training"].update(seconds=value)
        )
    yield from changed("no random numbers", "state", lambda p: p["generator"].update(words=[]))
    yield from changed("a place of random numbers", "state", lambda p: p["generator"].update(position=-1))
    yield from changed("a path with a zero", "run", lambda p: p.update(validationPath=[47, 0]))
    yield from changed("no path", "run", lambda p: p.update(dataPath=[]))
    yield from changed("2^62 threads", "run", lambda p: p.update(threads=2**62))
    yield from case("cut off", "state.safetensors", whole[: len(whole) // 2], resume=65)


def searches(corpus, case):
    """Tables of a search for a rate; the record of the run says that there was one."""
    path = corpus.folder / "run/run.json"
    text = path.read_text()
    search = json.loads(text)
    search["rateSearch"] = {"suggestion": 1e-3, "lowest": 1e-7, "highest": 10.0, "steps": 100}
    path.write_text(json.dumps(search))
    for title, rows in {
        "negative losses": ["1e-3,-5,-5", "1e-2,-6,-6"],
        "losses that are no numbers": ["1e-3,nan,nan", "1e-2,inf,1"],
        "large losses": ["1e-3,1e308,1e308", "1e-2,-1e308,-1e308"],
        "negative rates": ["-1,1,1", "-2,1,1"],
        "too many rates": ["1e-3,1,1"] * 300_000,
    }.items():
        yield from case(title, "learning-rates.csv", "\n".join(["learning_rate,loss,smoothed_loss"] + rows))
    path.write_text(text)
