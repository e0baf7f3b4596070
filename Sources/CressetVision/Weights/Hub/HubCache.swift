import Cresset

/// Hugging Face's cache of downloaded files, as its Python library lays it out. It is only read.
///
///     models--timm--resnet18.tv_in1k/refs/main                              the newest commit that was downloaded
///     models--timm--resnet18.tv_in1k/snapshots/<commit>/model.safetensors → ../../blobs/<SHA-256>
///
/// A blob may in turn be a link to one that several repositories share.
struct HubCache: Sendable {
    let folder: FilePath

    /// A file of a repository.
    struct File: Sendable {
        var path: FilePath
        /// The file's SHA-256, after which its blob is named.
        var hash: String
    }

    /// The file called `name` in the newest snapshot of `repository` that this machine has; nil if there is none, or none
    /// whose hash is known.
    func file(_ name: String, of repository: String) -> File? {
        let base = folder.appending("models--" + repository.replacing("/", with: "--"))
        let reference = (try? SystemFiles.contents(of: base.appending("refs").appending("main"), limit: 100)) ?? []
        let commit = String(decoding: reference, as: UTF8.self).trimmed()
        guard !commit.isEmpty, commit.utf8.allSatisfy({ $0.isLowercaseHexDigit }) else { return nil }
        let path = base.appending("snapshots").appending(commit).appending(name)
        guard SystemFiles.exists(path), let target = SystemFiles.target(ofLinkAt: path),
            let blob = target.lastComponent?.string, target.parent.lastComponent == "blobs",
            blob.utf8.count == 64, blob.utf8.allSatisfy({ $0.isLowercaseHexDigit })
        else { return nil }
        return File(path: path, hash: blob)
    }
}

extension UInt8 {
    fileprivate var isLowercaseHexDigit: Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self)
    }
}
