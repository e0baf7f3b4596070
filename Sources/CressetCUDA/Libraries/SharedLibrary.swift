import Glibc

/// Opens shared libraries, and says what is wrong with those that cannot be opened.
enum SharedLibrary {
    /// - Parameter path: A file, or a bare name that the dynamic loader searches for.
    /// - Throws: What is wrong with the file; a reason of nil if there is none.
    static func open(_ path: String) throws(LibrarySearch.Unusable) -> UnsafeMutableRawPointer {
        if let file = file(path), isCutOff(file) {
            throw .init(reason: "\(file) is cut off: a part of the file is missing")
        }
        if let library = dlopen(path, RTLD_NOW | RTLD_GLOBAL) { return library }
        let message = String(cString: dlerror())
        let isMissing = message.hasPrefix("\(path): cannot open shared object file: No such file")
        // The loader's message begins with the file it is about, which may be one that this one depends on.
        throw .init(reason: isMissing ? nil : message.hasPrefix(path) ? message : "\(path) needs \(message)")
    }

    /// The file that a path or bare name stands for, as far as that is known without the loader.
    private static func file(_ path: String) -> String? {
        if path.contains("/") { return path }
        return LibrarySearch.paths("LD_LIBRARY_PATH").map { "\($0)/\(path)" }.first { access($0, F_OK) == 0 }
    }

    /// Whether an ELF file ends before the last of its segments. The loader maps such a file without complaint, and the
    /// first access to the missing part ends the process with SIGBUS.
    private static func isCutOff(_ path: String) -> Bool {
        let file = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        if file < 0 { return false }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
        // Elf64_Ehdr and Elf64_Phdr; whatever else a file is, the loader rejects.
        guard let header = bytes(of: file, at: 0, count: 64), header[0..<5].elementsEqual([0x7F, 0x45, 0x4C, 0x46, 2])
        else { return false }
        let (start, stride, count) = (number(header, 32, 8), number(header, 54, 2), number(header, 56, 2))
        if stride < 56 { return false }
        for index in 0..<count {
            guard let segment = bytes(of: file, at: start &+ index * stride, count: 56) else { return true }
            let isLoaded = number(segment, 0, 4) == 1
            if isLoaded && number(segment, 8, 8) &+ number(segment, 32, 8) > UInt64(status.st_size) { return true }
        }
        return false
    }

    private static func bytes(of file: Int32, at offset: UInt64, count: Int) -> [UInt8]? {
        guard let offset = Int(exactly: offset) else { return nil }
        var bytes = [UInt8](repeating: 0, count: count)
        return pread(file, &bytes, count, offset) == count ? bytes : nil
    }

    /// The little-endian number of `count` bytes at `offset`.
    private static func number(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> UInt64 {
        bytes[offset..<offset + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
