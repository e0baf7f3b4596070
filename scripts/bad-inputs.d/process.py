"""Signals, full disks, little memory, odd environments: rows E and F."""

import os
import signal

from running import Case, limit_to


def process(corpus):
    data = corpus.data("longer", pictures=20)
    for name, status in (("INT", 130), ("TERM", 75), ("HUP", (75, 130)), ("USR1", 75)):
        for after in (0.02, 0.3, 3):
            quick = (status if isinstance(status, tuple) else (status,)) + (
                143,
                -getattr(signal, "SIG" + name),
                130,
            )
            yield Case(
                "E",
                f"SIG{name} after {after} s",
                corpus.train(data, "--epochs", "50", out=f"signal-{name}-{after}"),
                quick if after < 1 else status,
                "",
                limit=40,
                sends=[(getattr(signal, "SIG" + name), after)],
            )
    yield Case(
        "E2",
        "SIGINT twice",
        corpus.train(data, "--epochs", "50", out="twice"),
        130,
        "",
        limit=20,
        sends=[(signal.SIGINT, 3), (signal.SIGINT, 3.05)],
    )
    yield Case(
        "E4",
        "SIGHUP under nohup",
        corpus.train(data, "--epochs", "50", out="nohup"),
        75,
        "",
        limit=40,
        before=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
        sends=[(signal.SIGHUP, 2), (signal.SIGTERM, 5)],
    )
    for title, arguments in {
        "predict": ["predict", "run", "pictures/tail.jpg"],
        "predict --json": ["predict", "run", "pictures/tail.jpg", "--json"],
        "evaluate": ["evaluate", "run", "few"],
        "models": ["models"],
        "doctor": ["doctor"],
    }.items():
        yield Case("F", f"{title} on a full disk", arguments, 74, "", stdout="/dev/full")
        yield Case("F", f"{title} with its output closed", arguments, 74, "", before=lambda: os.close(1))
    yield Case(
        "E14",
        "few open files",
        ["predict", "run", "pictures/tail.jpg"],
        0,
        "%",
        before=lambda: limit_to("NOFILE", 24),
    )
    yield Case(
        "E12",
        "little memory",
        ["predict", "run", "pictures/tail.jpg"],
        (0, 71),
        "",
        before=lambda: limit_to("AS", 150 << 20),
    )
    yield Case(
        "F1",
        "files of at most a megabyte",
        corpus.train("pets", out="small"),
        (74, 0),
        "",
        limit=60,
        before=lambda: limit_to("FSIZE", 1 << 20),
    )
    for name, value in (
        ("HOME", None),
        ("HOME", "/nonexistent"),
        ("TMPDIR", "/nonexistent"),
        ("LANG", "C"),
        ("TERM", None),
        ("COLUMNS", "0"),
        ("COLUMNS", "99999999999"),
        ("TZ", "Nowhere/Land"),
        ("TORCH_HOME", "/dev/null"),
    ):
        yield Case(
            "E14", f"{name}={value}", ["predict", "run", "pictures/tail.jpg"], 0, "%", environment={name: value}
        )
        yield Case("E14", f"models with {name}={value}", ["models"], 0, "resnet18", environment={name: value})
    yield Case("F", "--out in a file", corpus.train("pets", out="file/x"), 73, "file")
    yield Case("F", "--out that has contents", corpus.train("pets", out="toys"), 73, "toys")
    yield Case("F", "--out of one letter", corpus.train("pets", out="r"), 0, "", limit=120)
    yield Case("F", "--out of 300 letters", corpus.train("pets", out="x" * 300), (64, 73), "")
    yield Case("F", "--out under /proc", corpus.train("pets", out="/proc/x"), (73, 77), "")
    yield Case(
        "F",
        "--out of bytes",
        corpus.train("pets", out=b"caf\xe9".decode("utf-8", "surrogateescape")),
        0,
        "",
        limit=120,
    )
    yield Case("F", "sample-data of one letter", ["sample-data", "q"], 0, "")
    yield Case("F", "sample-data in a file", ["sample-data", "file/x"], 73, "file")
    yield Case("F", "sample-data twice", ["sample-data", "toys"], 73, "toys")
    yield Case("D", "sample-data of two things", ["sample-data", "things", "--classes", "2"], 0, "48 pictures in 2 classes")
    for count in ("1", "23", "-1"):
        yield Case("D", f"sample-data of {count} things", ["sample-data", "x", f"--classes={count}"], 64, "from 2 to 22")
    yield Case("D", "sample-data of no number of things", ["sample-data", "x", "--classes", "many"], 64, "classes")
