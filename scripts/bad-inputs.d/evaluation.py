"""Folders and options with which a run cannot be evaluated, and odd ones with which it can."""

import os
import shutil

from running import Case


def evaluation(corpus):
    write = corpus.write

    def case(row, title, data, status, says="", *options, run="run", **more):
        return Case(row, f"evaluate: {title}", ["evaluate", run, data, *options], status, says, **more)

    yield case("B", "validation pictures", "few", 0, "accuracy .*mistake|accuracy .*100.0 %")
    yield case("B", "as JSON", "few", 0, '"confusionMatrix"', "--json")
    yield case("B", "a folder of class folders", "few/train", 0, "trained on these pictures")
    yield case("B1", "no folder", "nowhere", 66, "nowhere")
    yield case("B1", "a file for a folder", "file", 66, "file: not a folder")
    yield case("B2", "an empty folder", "hollow", 66, "hollow")
    yield case("B3", "pictures without classes", "flat", 66, "flat/cats")
    yield case("B3", "a folder with train alone", "classes", 66, "classes/train")
    yield case("B14", "classes that the run does not know", "pets", 65, "does not know the classes cat, dog")
    shutil.copytree(corpus.folder / "few/val", corpus.folder / "extended")
    write("extended/cow/1.jpg", corpus.jpeg)
    yield case("B14", "a class that the run does not know", "extended", 65, "--ignore-unknown-classes")
    yield case("B14", "the same, left out", "extended", 0, "left out: cow", "--ignore-unknown-classes")
    yield case("B3", "a table of other classes", "flat", 65, "has the label", "--labels", write("cow.csv", b"0.jpg,cow\n"))
    shutil.copytree(corpus.folder / "few/val", corpus.folder / "cased")
    os.rename(corpus.folder / "cased/Scenes", corpus.folder / "cased/scenes")
    yield case("B12", "a class in other letters", "cased", 65, "rename scenes to Scenes")
    shutil.copytree(corpus.folder / "few/val", corpus.folder / "lone")
    shutil.rmtree(corpus.folder / "lone/Scenes")
    yield case("B13", "a class without pictures", "lone", 0, "no pictures of Scenes")
    os.makedirs(corpus.folder / "lone/Scenes")
    yield case("B4", "an empty class", "lone", 0, "no pictures of Scenes")
    os.makedirs(corpus.folder / "lone/unsorted")
    yield case("B4", "an empty folder that is no class", "lone", 0, "folders without pictures are left out: unsorted")
    os.rmdir(corpus.folder / "lone/unsorted")
    for number in range(4):
        write(f"lone/Scenes/{number}.jpg", corpus.jpeg if number else b"\xff\xd8\xff")
    yield case("A2", "a damaged picture", "lone", 0, "1 file skipped")
    yield case("A2", "a damaged picture, not allowed", "lone", 65, "max-bad", "--max-bad", "0")
    for number in range(4):
        write(f"lone/Scenes/{number}.jpg", b"")
    yield case("A1", "a class of which nothing can be read", "lone", 65, "Scenes", "--max-bad", "100")
    yield case("F", "a run that is not there", "few", 66, "nothing", run="nothing")
    yield case("F", "a folder that is no run", "few", 66, "run.json", run="toys")
    yield case("F2", "a run without weights", "few", (65, 66), r"model\.safetensors|weights", run="unfinished")
    yield case("F", "its weights, by name", "few", 0, "accuracy", run="run/model.safetensors")
    yield case("F", "predictions in a missing folder", "few", 73, "create the folder first", "--csv", "none/x.csv")
    yield case("F", "predictions in place of a folder", "few", 73, "few", "--csv", "few")
    yield case("F", "predictions to a device", "few", (73, 74), "name of a file", "--csv", "/dev/null")
    yield case("F", "predictions to a new file", "few", 0, "accuracy", "--csv", "predictions.csv")
    yield case("D", "an option without a value", "few", 64, "error: ", "--csv")

    def report(title, status, says, *arguments):
        return Case("F", f"report: {title}", ["report", *arguments], status, says)

    yield report("of a run", 0, "judged.html", "run", "--data", "few", "--out", "judged.html")
    yield report("by pictures that are not there", 66, "nowhere", "run", "--data", "nowhere")
    yield report("by classes that the run does not know", 65, "cat, dog", "run", "--data", "pets")
    yield report("of a run that is not there", 66, "nothing", "nothing")
    yield report("of a folder that is no run", 66, "run.json", "toys")
    yield report("of a run without weights", 0, "bare.html", "unfinished", "--out", "bare.html")
    yield report("in a missing folder", 73, "create the folder first", "run", "--out", "none/x.html")
    yield report("in place of a folder", 73, "few", "run", "--out", "few")
    yield report("to a device", (73, 74), "name of a file", "run", "--out", "/dev/null")
    for option, values in {
        "--batch-size": ("0", "-1", "9223372036854775808"),
        "--workers": ("-1", "100000"),
        "--max-bad": ("-1", "nan", "101", "x"),
        "--mistakes": ("-1", "x"),
        "--threads": ("0", "9223372036854775807"),
        "--device": ("tpu", ""),
    }.items():
        for value in values:
            yield case("D", f"{option} {value!r}", "few", 64, "error: ", f"{option}={value}")
