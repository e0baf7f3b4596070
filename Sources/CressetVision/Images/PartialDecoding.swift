import CPixels
import CressetData

/// What a picture meets after it is decoded, which decides what of it is needed.
package struct NextStep {
    let transform: any Transform
    let random: SampleRandom

    /// - Parameters:
    ///   - transform: What the picture is passed to.
    ///   - random: The random numbers that it will be given. Default: those of a transform called as a function.
    package init(_ transform: any Transform, random: SampleRandom = SampleRandom(seed: 0, epoch: 0, index: 0)) {
        self.transform = transform
        self.random = random
    }
}

/// A rectangle of pixels.
struct PixelPart: Equatable {
    var columns: Range<Int>
    var rows: Range<Int>
}

extension PictureHeader {
    /// The header of the same file decoded no larger and no further than the next step needs.
    ///
    /// Smaller only if `options` allow that, since it changes the pixels. What lies outside the part that a crop will cut
    /// out is undefined.
    func limited(to next: NextStep?, _ options: ImageReadingOptions) -> PictureHeader {
        guard let next else { return self }
        let header = reduced(for: next.transform.firstResize, options)
        let upright = options.appliesOrientation ? orientation : .upright
        var random = next.random
        let size = upright.size(ofStored: header.width, header.height)
        guard let part = next.transform.part(ofSize: size, random: &random) else { return header }
        return header.limited(to: upright.stored(part, width: header.width, height: header.height))
    }
}

extension Transform {
    /// The only part of a picture of `size` that this step looks at; nil if it may look at all of it.
    ///
    /// - Parameters:
    ///   - size: The picture's size, seen upright.
    ///   - random: A copy of what the step will be given.
    fileprivate func part(ofSize size: (width: Int, height: Int), random: inout SampleRandom) -> PixelPart? {
        switch self {
        case let crop as RandomResizedCrop:
            let part = crop.part(ofSize: size, random: &random)
            return PixelPart(
                columns: part.left..<(part.left + part.width), rows: part.top..<(part.top + part.height))
        case let chain as Compose:
            guard let first = chain.transforms.first else { return nil }
            if let resize = first as? Resize, let crop = chain.transforms.dropFirst().first as? CenterCrop {
                return resize.part(ofSize: size, croppedTo: crop)
            }
            random.beginOperation()
            return first.part(ofSize: size, random: &random)
        case let crop as CenterCrop:
            return PixelPart(
                columns: CenterCrop.Span(size.width, crop.width).part,
                rows: CenterCrop.Span(size.height, crop.height).part)
        default: return nil
        }
    }
}

extension Resize {
    /// The part of a picture that contributes to the middle of the resized one; nil if that is too large to compute.
    fileprivate func part(ofSize size: (width: Int, height: Int), croppedTo crop: CenterCrop) -> PixelPart? {
        let whole = self.size.applied(to: size)
        if max(whole.width, whole.height) > Int32.max { return nil }
        return PixelPart(
            columns: interpolation.sources(
                of: CenterCrop.Span(whole.width, crop.width).part, of: whole.width, from: size.width),
            rows: interpolation.sources(
                of: CenterCrop.Span(whole.height, crop.height).part, of: whole.height, from: size.height))
    }
}

extension Interpolation {
    /// The pixels, of `count`, that contribute to those of `part` when `count` become `newCount`; and one more on either
    /// side, since the nearest pixel is found in steps, whose rounding errors add up.
    fileprivate func sources(of part: Range<Int>, of newCount: Int, from count: Int) -> Range<Int> {
        var (start, end): (Int32, Int32) = (0, 0)
        cresset_pixels_find_sources(
            Int32(count), Int32(newCount), Int32(part.lowerBound), Int32(part.count), filter ?? CRESSET_FILTER_BOX,
            &start, &end)
        return max(Int(start) - 1, 0)..<min(Int(end) + 1, count)
    }
}

extension Orientation {
    /// Where a part of the upright picture lies in the stored one, of `width` by `height` pixels.
    fileprivate func stored(_ part: PixelPart, width: Int, height: Int) -> PixelPart {
        let upright = size(ofStored: width, height)
        func mirrored(_ range: Range<Int>, _ count: Int) -> Range<Int> {
            (count - range.upperBound)..<(count - range.lowerBound)
        }
        let columns = isMirrored ? mirrored(part.columns, upright.width) : part.columns
        let rows = isFlipped ? mirrored(part.rows, upright.height) : part.rows
        return swapsAxes ? PixelPart(columns: rows, rows: columns) : PixelPart(columns: columns, rows: rows)
    }
}
