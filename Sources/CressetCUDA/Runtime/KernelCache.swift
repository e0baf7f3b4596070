import Glibc

/// Compiled kernels on disk. Files are written completely or not at all, and checked when they are read; an unwritable
/// folder only costs time. Where they would be larger than ``limit``, those that have not been used for the longest time
/// are removed.
///
/// Several processes may use a folder at once: each file appears by renaming, and whoever finds one gone compiles again.
package struct KernelCache: Sendable {
    private let folder: String
    /// The most bytes of files that are kept.
    private let limit: Int

    /// A file that another process has begun but not renamed for so many seconds belongs to one that has died.
    private static let abandonedAfter = 3600

    /// `$XDG_CACHE_HOME/cresset/kernels`, by default under `~/.cache`; nil if `CRESSET_KERNEL_CACHE` is `off`.
    static let shared: KernelCache? = {
        let choice = LibrarySearch.variable("CRESSET_KERNEL_CACHE")
        if choice == "off" { return nil }
        if let choice { return KernelCache(folder: choice) }
        let base = LibrarySearch.variable("XDG_CACHE_HOME") ?? LibrarySearch.variable("HOME").map { $0 + "/.cache" }
        return base.map { KernelCache(folder: $0 + "/cresset/kernels") }
    }()

    package init(folder: String, limit: Int = 256 << 20) {
        self.folder = folder
        self.limit = limit
    }

    /// The image kept under `key`; nil if there is none or its file is damaged. Counts as its last use.
    package func image(_ key: String) -> [UInt8]? {
        let path = "\(folder)/\(key).cubin"
        // A file contains the checksum of an image, and the image.
        guard let bytes = read(path), bytes.count > 32,
            KernelCompiler.sha256(Array(bytes[32...])) == Array(bytes[..<32])
        else { return nil }
        // Not the time of access, which many file systems do not keep.
        utimensat(AT_FDCWD, path, nil, 0)
        return Array(bytes[32...])
    }

    package func keep(_ image: [UInt8], _ key: String) {
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
        makeRoom()
    }

    /// Removes the files used longest ago until the rest are within the limit, and what processes that died left behind.
    private func makeRoom() {
        var files: [(path: String, used: timespec, size: Int)] = []
        var total = 0
        guard let directory = opendir(folder) else { return }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            let path = "\(folder)/\(name)"
            var status = stat()
            // Only what this cache has made: someone may have named a folder with other files.
            let isTemporary = Self.isTemporary(name)
            guard isTemporary || Self.isImage(name), lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG
            else { continue }
            if isTemporary {
                if time(nil) - status.st_mtim.tv_sec > Self.abandonedAfter { unlink(path) }
                continue
            }
            files.append((path, status.st_mtim, Int(status.st_size)))
            total += Int(status.st_size)
        }
        if total <= limit { return }
        files.sort { ($0.used.tv_sec, $0.used.tv_nsec) < ($1.used.tv_sec, $1.used.tv_nsec) }
        for file in files where total > limit {
            // Another process may have removed it.
            unlink(file.path)
            total -= file.size
        }
    }

    /// A digest in hexadecimal digits and `.cubin`.
    private static func isImage(_ name: String) -> Bool {
        name.hasSuffix(".cubin") && isDigest(name.dropLast(6))
    }

    /// A dot, a digest, a dot and the six characters of `mkstemp`.
    private static func isTemporary(_ name: String) -> Bool {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 3 && parts[0].isEmpty && isDigest(parts[1]) && parts[2].utf8.count == 6
    }

    private static func isDigest(_ text: Substring) -> Bool {
        text.utf8.count == 64 && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
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
