import Glibc

/// Compiled kernels on disk. Files are written completely or not at all, and checked when they are read; an unwritable
/// folder only costs time.
struct KernelCache: Sendable {
    private let folder: String

    /// `$XDG_CACHE_HOME/cresset/kernels`, by default under `~/.cache`; nil if `CRESSET_KERNEL_CACHE` is `off`.
    static let shared: KernelCache? = {
        let choice = LibrarySearch.variable("CRESSET_KERNEL_CACHE")
        if choice == "off" { return nil }
        if let choice { return KernelCache(folder: choice) }
        let base = LibrarySearch.variable("XDG_CACHE_HOME") ?? LibrarySearch.variable("HOME").map { $0 + "/.cache" }
        return base.map { KernelCache(folder: $0 + "/cresset/kernels") }
    }()

    init(folder: String) {
        self.folder = folder
    }

    /// A file contains the checksum of an image, and the image.
    func image(_ key: String) -> [UInt8]? {
        guard let bytes = read("\(folder)/\(key).cubin"), bytes.count > 32,
            KernelCompiler.sha256(Array(bytes[32...])) == Array(bytes[..<32])
        else { return nil }
        return Array(bytes[32...])
    }

    func keep(_ image: [UInt8], _ key: String) {
        makeFolder()
        // A name unique to this process and thread, so that none interferes with another.
        var name = Array("\(folder)/.\(key).XXXXXX".utf8CString)
        let descriptor = mkstemp(&name)
        if descriptor < 0 { return }
        guard let file = fdopen(descriptor, "wb") else {
            close(descriptor)
            unlink(name)
            return
        }
        let bytes = KernelCompiler.sha256(image) + image
        let written = fwrite(bytes, 1, bytes.count, file)
        let isWhole = fclose(file) == 0 && written == bytes.count
        if !isWhole || rename(name, "\(folder)/\(key).cubin") != 0 { unlink(name) }
    }

    /// Creates the folder and any missing parents; if that fails, so does the write that follows.
    private func makeFolder() {
        for end in folder.indices where folder[end] == "/" && end > folder.startIndex {
            mkdir(String(folder[..<end]), 0o700)
        }
        mkdir(folder, 0o700)
    }

    private func read(_ path: String) -> [UInt8]? {
        guard let file = fopen(path, "rb") else { return nil }
        defer { fclose(file) }
        var status = stat()
        guard fstat(fileno(file), &status) == 0, status.st_size > 0, status.st_size < 64 << 20 else { return nil }
        return [UInt8](unsafeUninitializedCapacity: Int(status.st_size)) { buffer, count in
            count = fread(buffer.baseAddress, 1, buffer.count, file)
        }
    }
}
