import Cresset

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension BytePath {
    /// The paths that this process's command line gave as `texts`, byte for byte.
    ///
    /// Swift repairs arguments that are not UTF-8, and texts are equal where their letters look the same; either way
    /// the text may name no file any more, or another one. Text that is on no command line is taken as it is.
    public static func arguments(_ texts: [String]) -> [BytePath] {
        var rest: [(text: String, path: BytePath)] = (1..<max(Int(CommandLine.argc), 1)).compactMap { index in
            CommandLine.unsafeArgv[index].map { pointer in
                let bytes = UnsafeRawBufferPointer(start: pointer, count: strlen(pointer))
                return (String(cString: pointer), BytePath(bytes: bytes))
            }
        }
        return texts.map { text in
            guard let index = rest.firstIndex(where: { $0.text == text }) else { return BytePath(text) }
            return rest.remove(at: index).path
        }
    }

    /// The path that this process's command line gave as `text`, byte for byte.
    public init(argument text: String) { self = BytePath.arguments([text])[0] }
}
