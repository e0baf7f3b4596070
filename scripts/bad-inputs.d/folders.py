"""Folders of pictures as messy as real ones: row B."""

import os
import shutil

from files import png
from running import Case


def folders(corpus):
    write, data, train = corpus.write, corpus.data, corpus.train
    yield Case("B1", "no folder", train("nowhere"), 66, "nowhere")
    write("file", b"x")
    yield Case("B1", "a file for a folder", train("file"), 66, "file")
    os.makedirs(corpus.folder / "hollow")
    yield Case("B2", "an empty folder", train("hollow"), 66, "train")
    for number in range(6):
        write(f"flat/{number}.jpg", corpus.jpeg)
    yield Case("B3", "pictures without classes", train("flat"), 66, "folder")
    data("classes", splits=("train",))
    rows = [f"{number}.jpg,{'cat' if number % 2 else 'dog'}\n" for number in range(6)]
    drawn = sorted((corpus.folder / "toys/train").rglob("*.jpg"))
    for number in range(6):
        write(f"flat/{number}.jpg", drawn[number * 7 % len(drawn)].read_bytes())
    yield from tables(corpus, rows)
    yield Case("B3", "a train folder itself", train("classes/train"), 0, "divided here", limit=60)
    data("capitals", splits=("Train", "Test"))
    yield Case("B3", "Train and Test with capitals", train("capitals"), 66, "rename Train to train")
    data("emptyclass")
    os.makedirs(corpus.folder / "emptyclass/train/empty")
    yield Case("B4", "an empty class", train("emptyclass"), 65, "no pictures in empty(.|\\n)*--allow-empty")
    yield Case(
        "B4", "an empty class, allowed", train("emptyclass", "--allow-empty"), 0, "3 classes .*empty 0", limit=120
    )
    data("dirt")
    for junk in (".ipynb_checkpoints/x.jpg", ".git/x.jpg", "__MACOSX/x.jpg", "Thumbs.db", ".DS_Store"):
        write(f"dirt/train/{junk}", corpus.jpeg)
        write(f"dirt/val/{junk}", corpus.jpeg)
    yield Case("B5", "folders that systems leave behind", train("dirt"), 0, "2 classes", limit=120)
    data("loops")
    os.symlink("../..", corpus.folder / "loops/train/cat/up")
    os.symlink("nothing", corpus.folder / "loops/train/cat/dangling.jpg")
    os.symlink("corpus.jpg", corpus.folder / "loops/train/cat/corpus.jpg")
    os.mkfifo(corpus.folder / "loops/train/dog/pipe.jpg")
    os.makedirs(corpus.folder / "loops/train/dog/folder.jpg")
    yield Case(
        "B6",
        "links in a circle, to nothing, and a pipe",
        train("loops", "--max-bad", "100"),
        0,
        r"train/cat/up: a link to a folder above(.|\n)*12 train / 4 val",
        limit=120,
    )
    data("linked", pictures=3)
    os.symlink("../dog", corpus.folder / "linked/train/cat/dogs")
    yield Case(
        "B6",
        "a link from one class to another",
        train("linked"),
        0,
        r"cat/dogs: a link to pictures of the class dog(.|\n)*6 train / 4 val",
        limit=120,
    )
    data(
        "names",
        classes=(
            "cat",
            b"caf\xe9".decode("utf-8", "surrogateescape"),
            "<script>",
            "=cmd()",
            "a\nb",
            "\x1b[2J",
            "\u202egpj",
        ),
        pictures=2,
    )
    yield Case(
        "B9",
        "class names of bytes, controls and scripts",
        train("names", out="named"),
        0,
        r"7 classes",
        limit=120,
        says_not="\x1b\\[2J",
    )
    yield Case(
        "B10",
        "predicting with such class names",
        ["predict", "named", "toys/val/Scenes"],
        0,
        "%",
        says_not="\x1b\\[2J",
    )
    data("accents", classes=("caf\u00e9", "cafe\u0301"))
    yield Case("B11", "two spellings of one letter", train("accents"), 65, "caf")
    data("cases", classes=("Cat", "cat"), pictures=2)
    yield Case("B12", "classes that differ in case", train("cases"), 0, "case|Cat", limit=120)
    data("lacks", classes=("a", "b", "c"), pictures=2)
    shutil.rmtree(corpus.folder / "lacks/val/b")
    yield Case(
        "B13", "a class without validation", train("lacks"), 0, "no validation pictures of b: the accuracy", limit=120
    )
    data("extra", pictures=2)
    write("extra/val/zebra/1.jpg", corpus.jpeg)
    yield Case("B14", "a class in validation alone", train("extra"), 65, "zebra(.|\\n)*--ignore-unknown-classes")
    yield Case(
        "B14",
        "a class in validation alone, ignored",
        train("extra", "--ignore-unknown-classes"),
        0,
        "left out: zebra",
        limit=120,
    )
    data("single", classes=("only",))
    yield Case("B15", "one class", train("single"), 65, "class")
    data("bad")
    for number in range(6):
        write(f"bad/train/cat/{number}.jpg", b"")
    yield Case("A1", "a class of which nothing can be read", train("bad"), 65, "cat")
    data("some", pictures=8)
    for number in range(5):
        write(f"some/train/cat/{number}.jpg", b"\xff\xd8\xff")
    yield Case("A2", "most of a class cannot be read", train("some"), 65, "max-bad")
    yield Case("A2", "the same, allowed", train("some", "--max-bad", "100"), 0, "", limit=120)
    data("uneven", pictures=2)
    for number in range(40):
        write(f"uneven/train/cat/more/{number}.jpg", corpus.jpeg + bytes([number, 9]))
    yield Case(
        "B16",
        "twenty times as many pictures of one class",
        train("uneven"),
        0,
        "the balanced accuracy does(.|\\n)*--class-weights balanced",
        limit=120,
    )
    data("tail", pictures=5, classes=("a", "b", "c"))
    yield Case("B18", "a last batch of one picture", train("tail", "--batch-size", "7"), 0, "", limit=120)
    data("wide")
    write("wide/val/cat/wide.png", png(2731, 1))
    write("wide/train/cat/tall.png", png(1, 2731))
    yield Case("A25", "thin pictures in training and validation", train("wide"), 0, "", limit=120)
    data("foreign")
    for number in range(45_000):
        (corpus.folder / f"foreign/train/cat/{number}.txt").touch()
    yield Case("B", "45,000 foreign files", train("foreign", out="crowd"), 0, "", limit=120)
    yield Case("B", "predicting with that run", ["predict", "crowd", "toys/val/Scenes"], 0, "%")
    yield from copies(corpus)
    yield from validation(corpus)
    for other in ("test", "valid", "validation"):
        data(f"as-{other}", splits=("train", other), pictures=2)
        yield Case("B", f"{other} for val", train(f"as-{other}"), 0, other, limit=120)
    yield Case("B", "a test that chooses the epoch", train("as-test"), 0, "chosen by the pictures of test", limit=120)


def tables(corpus, rows):
    """Classes in a table."""

    def case(title, text, status, says, *options):
        name = corpus.write(f"tables/{len(title)}-{title[:20].replace(' ', '-')}.csv", text.encode("utf-8", "surrogateescape"))
        return Case("B3", f"--labels: {title}", corpus.train("flat", "--labels", name, *options), status, says, limit=120)

    yield case("a table of classes", "".join(rows), 0, "4 train / 2 val, 2 classes")
    yield case("a table with headings", "file name,class\n" + "".join(rows), 0, "4 train / 2 val, 2 classes")
    yield case("an empty table", "", 65, "lists no files")
    yield case("a table of one class", "0.jpg,cat\n1.jpg,cat\n", 65, "only one class")
    yield case("a row without a class", rows[0] + "1.jpg\n", 65, r"\.csv: line 2 has 1 fields")
    yield case("an empty class name", rows[0] + "1.jpg,\n", 65, r"\.csv: line 2 has no label")
    yield case("two classes of a file", rows[0] + "0.jpg,cow\n", 65, r"\.csv: line 2 gives 0\.jpg the label cow, line 1 dog")
    yield case("a quote that is not closed", rows[0] + '"1.jpg,cat\n', 65, r"\.csv: line 2 has a quote")
    yield case("a table of bytes", rows[0] + "1.jpg,\udcff\udcfe\n", 65, r"\.csv: line 2 is not text in UTF-8")
    yield case("files that are not there", "".join(rows) + "7.jpg,cat\n8.jpg,cat\n9.jpg,cat\n", 65, "no such file(.|\\n)*max-bad")
    yield case("files elsewhere", "../run/run.json,cat\n/etc/passwd,dog\n", 65, "leads out of flat")
    yield case("a picture as a table", corpus.jpeg.decode("utf-8", "surrogateescape"), 65, r"\.csv: line 1 ")
    yield Case("B3", "--labels: no table", corpus.train("flat", "--labels", "nowhere.csv"), 66, "nowhere.csv")
    yield Case("B3", "--labels: a folder as a table", corpus.train("flat", "--labels", "flat"), 65, "flat: ")
    yield Case("B3", "--labels: no folder", corpus.train("nowhere", "--labels", "tables"), 66, "nowhere: no such folder")


def copies(corpus):
    """Equal files where there must be none."""
    corpus.data("copies", pictures=3)
    for place in ("val/cat/9.jpg", "train/dog/9.jpg"):
        corpus.write(f"copies/{place}", (corpus.folder / "copies/train/cat/0.jpg").read_bytes())
    yield Case(
        "A27",
        "a picture in train, in val, and in two classes",
        corpus.train("copies"),
        0,
        r"1 validation picture is also for training(.|\n)*1 picture is in two classes \(copies/train/dog/9\.jpg is",
        limit=120,
    )


def validation(corpus):
    """A validation folder elsewhere."""
    corpus.data("sorted", splits=("train",), pictures=3)
    corpus.data("held", splits=("val",))

    def case(title, data, folder, status, says, *options):
        return Case("B", f"--val: {title}", corpus.train(data, "--val", folder, *options), status, says, limit=120)

    yield case("a folder elsewhere", "sorted", "held/val", 0, "6 train / 4 val")
    yield case("beside a folder of classes", "sorted/train", "held/val", 0, "6 train / 4 val")
    yield case("no folder", "sorted", "nowhere", 66, "nowhere: no such folder")
    yield case("the folder for training", "sorted", "sorted/train", 64, "holds the pictures for training")
    yield case("a folder with train and val", "sorted", "held", 65, "val .it has cat, dog")
    yield case("with --val-split", "sorted", "held/val", 64, "--val-split", "--val-split", "0.5")
    corpus.data("strange", splits=("val",), classes=("cat", "cow"))
    yield case("other classes", "sorted", "strange/val", 65, "lacks: cow .it has cat, dog")
