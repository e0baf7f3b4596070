import Cresset

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension FilePath {
    /// The paths given on this process's command line as `texts`, byte for byte.
    ///
    /// Swift repairs arguments that are not UTF-8, and strings are equal if they look the same; either way the text may
    /// no longer name the file, or may name another one. Text that is not on the command line is used unchanged.
    package static func arguments(_ texts: [String]) -> [FilePath] {
        var next = 0
        let all: [(text: String, path: FilePath)] = (1..<max(Int(CommandLine.argc), 1)).compactMap { index in
            CommandLine.unsafeArgv[index].map { pointer in
                (String(cString: pointer), FilePath(platformString: pointer))
            }
        }
        return texts.map { text in
            // In the order of the command line, so that this takes no search for many files.
            guard
                let index = all[next...].firstIndex(where: { $0.text == text })
                    ?? all[..<next].firstIndex(where: { $0.text == text })
            else { return text.filePath }
            next = index + 1
            return all[index].path
        }
    }

    /// The path given on this process's command line as `text`, byte for byte.
    package init(argument text: String) { self = FilePath.arguments([text])[0] }
}
