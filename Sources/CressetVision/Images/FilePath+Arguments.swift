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
        var rest: [(text: String, path: FilePath)] = (1..<max(Int(CommandLine.argc), 1)).compactMap { index in
            CommandLine.unsafeArgv[index].map { pointer in
                (String(cString: pointer), FilePath(platformString: pointer))
            }
        }
        return texts.map { text in
            guard let index = rest.firstIndex(where: { $0.text == text }) else { return text.filePath }
            return rest.remove(at: index).path
        }
    }

    /// The path given on this process's command line as `text`, byte for byte.
    package init(argument text: String) { self = FilePath.arguments([text])[0] }
}
