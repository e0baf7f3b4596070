import Cresset

extension PictureHeader {
    /// The header of the same file decoded smaller, if the options allow it and the picture is then resized.
    ///
    /// The size is the smallest of the whole, a half, a quarter and an eighth that is at least what `resize` makes of
    /// the picture along both axes, so that nothing is ever enlarged that was large enough.
    func reduced(for resize: Resize?, _ options: ImageReadingOptions) -> PictureHeader {
        guard options.fast, let resize else { return self }
        let upright = options.appliesOrientation ? orientation : .upright
        let size = upright.size(ofStored: width, height)
        return reduced(toAtLeast: resize.target(of: size), orientation: upright)
    }
}

extension Resize {
    /// The size that a picture of `size` is resized to, rounded up.
    fileprivate func target(of size: (width: Int, height: Int)) -> (width: Int, height: Int) {
        switch self.size {
        case .exactly(let width, let height): return (width, height)
        case .shortSide(let side):
            let short = min(size.width, size.height)
            // Sides are at most 65,535, and so is what they are resized to.
            return ((size.width * side + short - 1) / short, (size.height * side + short - 1) / short)
        case .shortSideWithin, .longSide:
            let rounded = self.size.applied(to: size)
            return (rounded.width + 1, rounded.height + 1)
        }
    }
}

extension Transform {
    /// The step that a picture meets first if that is a ``Resize``: only then is its target known before decoding.
    var firstResize: Resize? {
        switch self {
        case let resize as Resize: resize
        case let chain as Compose: chain.transforms.first?.firstResize
        default: nil
        }
    }
}
