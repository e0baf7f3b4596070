import CressetData
import CressetVision
import Glibc
import Testing

/// Classes in a CSV file.
@Suite struct LabelTableTests {
    private let picture = try! PictureFixtures.pattern(width: 12, height: 9).png()

    /// The folder of a table with this text, and three pictures.
    private func load(
        _ text: String, columns: LabelColumns = .init(), classes: [String]? = nil,
        also prepare: (String) -> Void = { _ in }
    ) throws -> ImageFolder {
        try PictureFixtures.withFolder { path in
            let names = ["1.png", "in/2.png", "a, \"b\"\nc.png"]
            try PictureFixtures.write(
                Dictionary(uniqueKeysWithValues: names.map { ("data/" + $0, picture) }), in: path)
            try PictureFixtures.write(["data/labels.csv": Array(text.utf8), "secret.png": picture], in: path)
            prepare(path)
            return try ImageFolder(
                labels: path + "/data/labels.csv", columns: columns, classes: classes, transform: ToTensor())
        }
    }

    private func problem(_ text: String, columns: LabelColumns = .init(), classes: [String]? = nil) -> String {
        let error = #expect(throws: LabelFileError.self) { try load(text, columns: columns, classes: classes) }
        let text = error?.description ?? ""
        return String(text[(text.firstRange(of: "labels.csv: ")?.upperBound ?? text.startIndex)...])
    }

    @Test func readsWhatTheStandardAllows() throws {
        let folder = try load(
            "\u{FEFF}id,label,file\r\n7,bee,1.png\r\n8,ant,in/2.png\r\n\r\n9,\"ant\",\"a, \"\"b\"\"\nc.png\"")
        #expect(folder.classes == ["ant", "bee"] && folder.samples.map(\.label) == [1, 0, 0])
        #expect(folder.name(of: 2).hasSuffix("c.png") && folder.skipped.isEmpty && folder.warnings.isEmpty)
        let plain = try load("1.png;bee\nin/2.png;ant\n", columns: .withoutHeadings(separator: ";"))
        #expect(plain.count == 2)
        let named = try load("image\tkind\n1.png\tbee\n", columns: .init(file: "image", label: "kind", separator: "\t"))
        #expect(named.classes == ["bee"])
        #expect(try load("file,label\n1.png,bee\n", classes: ["ant", "bee", "wasp"]).samples[0].label == 1)
    }

    @Test func batchesComeOutOfIt() throws {
        try PictureFixtures.withFolder { path in
            try PictureFixtures.write(
                ["1.png": picture, "2.png": picture, "l.csv": Array("file,label\n2.png,x\n1.png,y\n".utf8)], in: path)
            let folder = try ImageFolder(labels: path + "/l.csv", transform: ToTensor())
            let batch = try #require(try DataLoader(folder, batchSize: 2).batches().next())
            #expect(batch.inputs.shape == [2, 3, 9, 12] && batch.labels.scalars(as: Int64.self) == [0, 1])
        }
    }

    @Test func headingsMayBeThereOrNot() throws {
        let columns = LabelColumns.withOptionalHeadings()
        for text in [
            "1.png,bee\nin/2.png,ant\n", "image,class\n1.png,bee\nin/2.png,ant\n",
            "id,label,file\n7,bee,1.png\n8,ant,in/2.png\n",
        ] {
            let folder = try load(text, columns: columns)
            #expect(
                folder.classes == ["ant", "bee"] && folder.samples.map(\.label) == [1, 0] && folder.skipped.isEmpty)
        }
        // What is called a picture, or is there, is no heading.
        #expect(try load("gone.png,bee\n1.png,ant\n", columns: columns).skipped.map(\.reason) == ["no such file"])
        #expect(try load("in,bee\n1.png,ant\n", columns: columns).skipped.map(\.reason) == ["not a regular file"])
        #expect(problem("1.png\n", columns: columns) == "line 1 has only one column; a file and its class are needed")
        #expect(problem("a,b\n1.png,bee\n,bee\n", columns: columns) == "line 3 names no file")
        #expect(problem("a,b\n1.png,\n", columns: columns) == "line 2 has no label")
        #expect(problem("", columns: columns) == "lists no files")
    }

    @Test func namesOfClassesCannotMoveTheCursor() throws {
        #expect(try load("file,label\n1.png,\u{1b}[2J\n").classes == ["\\u{1b}[2J"])
    }

    @Test func unknownClassesMayBeLeftOut() throws {
        try PictureFixtures.withFolder { path in
            let rows = "file,label\n1.png,bee\n2.png,wasp\n3.png,fly\n"
            try PictureFixtures.write(
                ["1.png": picture, "2.png": picture, "3.png": picture, "l.csv": Array(rows.utf8)], in: path)
            let folder = try ImageFolder(
                labels: path + "/l.csv", classes: ["ant", "bee"], transform: ToTensor(), ignoresUnknownClasses: true)
            #expect(folder.samples.map(\.label) == [1])
            #expect(
                folder.warnings.count == 1
                    && folder.warnings[0].hasSuffix("2 rows of unknown classes left out: fly, wasp"))
        }
    }

    @Test func listsWhatIsMissing() throws {
        let folder = try load("file,label\n1.png,bee\ngone.png,bee\nin,ant\nlabels.csv,ant\n1.png,bee\n")
        #expect(folder.count == 1 && folder.skipped.count == 3)
        #expect(folder.skipped.map(\.reason) == ["no such file", "not a regular file", "not a picture: text"])
        #expect(folder.warnings.count == 1 && folder.warnings[0].hasSuffix("labels.csv: 1 row repeated"))
    }

    @Test func staysInItsFolder() throws {
        let folder = try load(
            "file,label\n1.png,bee\n../secret.png,bee\n/etc/passwd,bee\nin/../../other.png,bee\nlink.png,bee\nup/secret.png,bee\n"
        ) { path in
            symlink("../secret.png", path + "/data/link.png")
            symlink("..", path + "/data/up")
        }
        #expect(folder.count == 1 && folder.skipped.count == 5)
        #expect(folder.skipped.allSatisfy { $0.reason.contains("leads out of") && $0.isPicture })
    }

    @Test func spellingsOfAFileAreOne() throws {
        let folder = try load("file,label\n1.png,bee\n./1.png,bee\nin/../1.png,bee\nin//2.png,ant\n")
        #expect(folder.count == 2 && folder.warnings[0].hasSuffix("2 rows repeated"))
        #expect(problem("file,label\n1.png,bee\n./1.png,ant\n") == "line 3 gives 1.png the label ant, line 2 bee")
        #expect(problem("file,label\n.,bee\n") == "line 2 names no file")
    }

    @Test func refusesWhatItDoesNotAllow() {
        let wide = String(repeating: "x,", count: 1000) + "x\n"
        #expect(problem(wide) == "line 1 has more than 1000 fields")
        #expect(problem("file,label\n\"1.png,bee\n") == "line 2 has a quote that is never closed")
        #expect(problem("file,label\n\"1.png\"x,bee\n") == "line 2 has text after a closing quote")
        #expect(problem("file,label\n1\".png,bee\n") == "line 2 has a quote within a field that is not quoted")
        #expect(problem("file,label\n1.png,bee,3\n") == "line 2 has 3 fields, line 1 has 2")
        #expect(problem("file,label\n1.png,b\0e\n") == "line 2 is not text in UTF-8")
        #expect(problem("") == "is empty")
        #expect(problem("file,label\n") == "lists no files")
        #expect(problem("file,label\n,bee\n") == "line 2 names no file")
        #expect(problem("file,label\n1.png,\n") == "line 2 has no label")
        #expect(
            problem("file,label\n1.png,bee\n1.png,ant\n")
                == "line 3 gives 1.png the label ant, line 2 bee")
        #expect(problem("file,file,label\n1.png,2.png,bee\n").hasPrefix("line 1 has more than one column file"))
        #expect(
            problem("path,kind\n1.png,bee\n") == """
                line 1 has no column file, only path, kind
                  hint: give the columns' headings: LabelColumns(file: …, label: …)
                """)
        #expect(problem("1.png\n", columns: .withoutHeadings()).hasPrefix("line 1 has only one column"))
        #expect(
            problem("file,label\n1.png,wasp\n", classes: ["ant", "bee"]) == """
                line 2 has the label wasp, which training lacks
                  hint: training knows ant, bee
                """)
        #expect(problem("file,label\ngone.png,bee\n").hasPrefix("lists no picture that can be found: "))
    }
}
