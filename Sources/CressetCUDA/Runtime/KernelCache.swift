import Glibc

/// Compiled kernels on disk. Files are written whole or not at all, and checked when they are read; a folder that cannot
/// be written to only costs time.
struct KernelCache: Sendable {
    private let folder: String

    /// `$XDG_CACHE_HOME/cresset/kernels`, by default under `~/.cache`; nil where `CRESSET_KERNEL_CACHE` is `off`.
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

    /// A file is the checksum of an image, and the image.
    func image(_ key: String) -> [UInt8]? {
        guard let bytes = read("\(folder)/\(key).cubin"), bytes.count > 32,
            KernelCompiler.sha256(Array(bytes[32...])) == Array(bytes[..<32])
        else { return nil }
        return Array(bytes[32...])
    }

    func keep(_ image: [UInt8], _ key: String) {
        makeFolder()
        // A name that no other process or thread has, so that none is in another's way.
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

    /// Makes the folder and those above it that are missing; where that fails, so does what follows.
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
