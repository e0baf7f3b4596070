"""Folders that are checked, options out of files, rates that are looked for, and runs that are rehearsed: rows A, B and D."""

import json
import os

from files import png
from running import Case

SMALL = ("--model", "mobilenet_v3_small", "--weights", "none", "--img-size", "32", "--batch-size", "4", "--workers", "1")
DRY = (*SMALL, "--dry-run")


def beforehand(corpus):
    yield from checks(corpus)
    yield from configurations(corpus)
    yield from searches(corpus)
    yield from rehearsals(corpus)


def checks(corpus):
    write = corpus.write

    def case(row, title, data, status, says="", *options, **more):
        return Case(row, f"check: {title}", ["check", data, *options], status, says, **more)

    yield case("B", "a folder that is in order", corpus.data("orderly"), 0, "0 problems.*takes this folder")
    yield case("B1", "no folder", "nowhere", 66, "nowhere")
    yield case("B1", "a file for a folder", "file", 66, "file: not a folder")
    yield case("B1", "no name", "", 66, "no such folder")
    yield case("B2", "an empty folder", "hollow", 66, "hollow")
    yield case("B3", "pictures without classes", "flat", 66, "one folder per class")
    yield case("B4", "an empty class", "emptyclass", 65, "problem  emptyclass/train: no pictures in empty")
    yield case("B4", "an empty class, allowed", "emptyclass", 0, "no pictures of empty", "--allow-empty")
    yield case("B14", "a class in validation alone", "extra", 65, "--ignore-unknown-classes")
    yield case("B14", "the same, ignored", "extra", 0, "left out: zebra", "--ignore-unknown-classes")
    yield case("B5", "folders that systems leave behind", "dirt", 0, "hidden folders with pictures are passed over")
    yield case("B6", "links in a circle, to nothing, and a pipe", "loops", 65, "a link to a folder above", limit=20)
    yield case("B10", "names with control characters", "names", (0, 65), "", says_not="\x1b")
    yield case("B", "the folder for training as that for validation", "orderly", 64, "apart", "--val", "orderly/train")
    corpus.data("checked", pictures=8)
    for picture in sorted((corpus.folder / "pictures").iterdir()):
        if picture.is_file():
            write(f"checked/train/cat/all/{picture.name}", picture.read_bytes())
    yield case("A", "every broken picture of this corpus", "checked", 65, "cannot be used", limit=60)
    yield case("A", "the same, allowed, as JSON", "checked", (0, 65), '"accepted"', "--json", "--max-bad", "99", limit=60)
    corpus.data("doubled")
    for part in ("train/cat/x.jpg", "train/dog/x.jpg", "val/cat/x.jpg"):
        write(f"doubled/{part}", corpus.jpeg)
    yield case("A27", "copies on both sides and in two classes", "doubled", 0, "validation picture is also(.|\\n)*in two classes")
    write("doubled/train/cat/deep.png", png(40, 30, depth=16, colour=0))
    write("doubled/train/cat/bits.png", png(40, 30, depth=1, colour=0))
    yield case("A18", "16 bits and 1 bit", "doubled", 0, "black and white(.|\\n)*more than 8 bits")
    for option, values in {"--workers": ("-1", "100000", "x"), "--max-bad": ("-1", "nan", "101"), "--val": ("nowhere",)}.items():
        for value in values:
            yield case("D", f"{option} {value!r}", "orderly", 66 if option == "--val" else 64, "error: ", f"{option}={value}")


def configurations(corpus):
    count = 0

    def case(title, text, status, says, *options, **more):
        nonlocal count
        count += 1
        name = corpus.write(f"options/{count}.json", text if isinstance(text, bytes) else text.encode())
        return Case("D", f"--config: {title}", ["train", "orderly", *DRY, "--config", name, *options], status, says, **more)

    yield case("options", '{"epochs": 3, "lr": 1e-2, /* a comment */ "freeze": true,}', 0, "3 epochs")
    yield case("nothing", "{}", 0, "10 epochs")
    yield case("an option that the line has, too", '{"epochs": 3}', 0, "7 epochs", "--epochs", "7")
    yield case("an unknown key", '{"epoch": 3}', 78, "did you mean epochs")
    yield case("a key of run.json", '{"learningRate": 3}', 78, "did you mean lr")
    yield case("a key of control characters", '{"\\u001b[2J": 3}', 78, "no option", says_not="\x1b")
    yield case("itself", '{"config": "options/1.json"}', 78, "no option config")
    yield case("a number for a flag", '{"freeze": 3}', 78, "true or false")
    yield case("true for a number", '{"epochs": true}', 78, "needs a value")
    yield case("a list", '{"epochs": [3]}', 78, "single value")
    yield case("a text for a number", '{"epochs": "many"}', 64, "--epochs")
    yield case("a number that is not possible", '{"epochs": -3}', 64, "--epochs")
    yield case("a number beyond all limits", '{"lr": 1e999}', (0, 64, 78), "")
    yield case("a seed beyond all limits", '{"seed": 99999999999999999999}', 64, "--seed")
    yield case("an unknown optimizer", '{"optimizer": "lion"}', 64, "lion")
    yield case("an option in a text", '{"out": "x --epochs 3"}', 0, "x --epochs 3")
    for title, text in {
        "an empty file": "",
        "an array": "[]",
        "cut short": '{"epochs": 3',
        "bytes": b"\0\1\2\xff" * 50,
        "100,000 brackets": "[" * 100_000,
        "100,000 objects": '{"a":' * 100_000,
        "50 MB": " " * 50_000_000 + "{}",
    }.items():
        yield case(title, text, 78, "options/", limit=10)
    line = ["train", "orderly", *DRY, "--config"]
    yield Case("D", "--config: no file", [*line, "options/none.json"], 66, "none.json")
    yield Case("D", "--config: a folder", [*line, "options"], (65, 66, 73, 74, 78), "options", limit=5)
    yield Case("D", "--config: no name", line, 64, "--config")
    yield Case("D", "--config: a device without end", [*line, "/dev/zero"], (65, 66, 74, 78), "/dev/zero", limit=5)
    os.mkfifo(corpus.folder / "options/pipe")
    yield Case("D", "--config: a pipe", [*line, "options/pipe"], (65, 66, 74, 78), "pipe", limit=5)
    whole = json.dumps({"data": "orderly", "model": "mobilenet_v3_small", "weights": "none", "img-size": 32, "workers": 1})
    name = corpus.write("options/whole.json", whole.encode())
    yield Case("D", "--config: the folder, too", ["train", "--config", name, "--dry-run"], 0, "orderly")
    yield Case("D", "no folder at all", ["train", "--dry-run"], 64, "data")


def searches(corpus):
    line = ["find-lr", "orderly", *SMALL]
    yield Case("D5", "find-lr: a folder that is in order", [*line, "--steps", "20"], 0, "found|none", limit=120)
    yield Case("D5", "find-lr: no folder", ["find-lr"], 64, "data")
    yield Case("D5", "find-lr: a folder that is not there", ["find-lr", "nowhere"], 66, "nowhere")
    for option, value in (("--steps", "3"), ("--steps", "99999999"), ("--lr", "0.1"), ("--optimizer", "lion"), ("--epochs", "3")):
        yield Case("D5", f"find-lr {option} {value}", [*line, option, value], 64, "error: ")
    yield Case("D5", "train --find-lr with --lr", ["train", "orderly", "--find-lr", "--lr", "0.1"], 64, "leave one")
    out = ["--find-lr", "--out", "orderly"]
    yield Case("D5", "train --find-lr into a full folder", ["train", "orderly", *line[2:], *out], 73, "not empty", limit=20)


def rehearsals(corpus):
    line = ["train", "orderly", *DRY]
    yield Case("E15", "--dry-run", line, 0, "nothing was learnt or written")
    for out, status in (("orderly", 73), ("file", 73), ("file/below", 73), ("", 64)):
        yield Case("E15", f"--dry-run --out {out!r}", [*line, "--out", out], status, "error: ")
    yield Case("E15", "--dry-run of a refused folder", ["train", "emptyclass", *DRY], 65, "no pictures in empty")
    yield Case("D2", "--dry-run without its weights", ["train", "orderly", "--dry-run", "--weights", "none.pth"], 66, "none.pth")
