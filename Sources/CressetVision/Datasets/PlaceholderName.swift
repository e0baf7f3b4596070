extension FolderScan {
    /// Whether a file is called what servers and programs call the picture that stands for a missing one, such as
    /// `imageNotFound.gif`, `photo_unavailable.jpg` or `no-image.png`.
    ///
    /// Only whole words count, so that `volcano-image.jpg` is none.
    ///
    /// - Parameter path: The file.
    package static func isNamedAsPlaceholder(_ path: FilePath) -> Bool {
        let words = words(of: path.stem ?? "")
        return words.indices.contains { start in
            (1...3).contains { count in
                start + count <= words.count && placeholders.contains(words[start..<start + count].joined())
            }
        }
    }

    private static let placeholders: Set<String> = {
        let things = ["image", "img", "photo", "picture", "pic", "thumbnail"]
        let phrases = things.flatMap { thing in
            ["no\(thing)", "missing\(thing)", "unavailable\(thing)"]
                + ["missing", "notavailable", "notfound", "unavailable"].map { thing + $0 } + ["no\(thing)available"]
        }
        return Set(phrases + ["notavailable", "notfound", "placeholder"])
    }()

    /// The words of a name in small letters: `imageNotFound-2` has image, not and found.
    private static func words(of name: String) -> [String] {
        var words: [String] = []
        var before: Character = " "
        for letter in name {
            let isContinued = before.isLetter && !(before.isLowercase && letter.isUppercase)
            if letter.isLetter, isContinued, !words.isEmpty {
                words[words.count - 1] += letter.lowercased()
            } else if letter.isLetter {
                words.append(letter.lowercased())
            }
            before = letter
        }
        return words
    }
}
