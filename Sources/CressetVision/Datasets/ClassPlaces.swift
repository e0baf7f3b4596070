import Cresset

/// Where the folders of all classes really are, so that no link in one leads to the pictures of another unnoticed.
package struct ClassPlaces {
    private let places: Set<FilePath>

    /// The places of class folders, which may be links themselves.
    init(_ folders: [FilePath]) { places = Set(folders.compactMap(SystemFiles.realPath)) }

    /// Why a folder that a link led to does not belong to the class in the folder `own`, or nil.
    func objection(to folder: FilePath, in own: FilePath) -> String? {
        guard let real = SystemFiles.realPath(folder), let own = SystemFiles.realPath(own), !real.starts(with: own)
        else { return nil }
        if own.starts(with: real) { return "a link to a folder above that of its class" }
        var place = real
        while !places.contains(place) {
            let above = place.parent
            if above == place || above == "." { return nil }
            place = above
        }
        return "a link to pictures of the class \(place.name)"
    }
}
