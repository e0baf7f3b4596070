import CPixels

/// What a picture is continued with beyond its borders.
public enum PaddingMode: String, Sendable, Hashable, CaseIterable, Codable {
    /// One value.
    case constant
    /// The outermost pixel.
    case edge
    /// The picture mirrored at its outermost pixel, which is not repeated.
    case reflect
    /// The picture mirrored at its border, so that the outermost pixel is repeated.
    case symmetric
}

extension Image {
    /// The middle part of the given size; where the picture is too small it is first padded with black.
    public func centerCropped(width: Int, height: Int) -> Image {
        let lacking = (x: max(width - self.width, 0), y: max(height - self.height, 0))
        if lacking.x > 0 || lacking.y > 0 {
            return padded(
                left: lacking.x / 2, top: lacking.y / 2, right: (lacking.x + 1) / 2, bottom: (lacking.y + 1) / 2
            ).centerCropped(width: width, height: height)
        }
        return cropped(
            left: Image.middle(self.width - width), top: Image.middle(self.height - height), width: width,
            height: height)
    }

    /// Half of `rest`, halves to even, as Python rounds.
    private static func middle(_ rest: Int) -> Int { rest % 4 == 3 ? rest / 2 + 1 : rest / 2 }

    /// A part of the picture, resized: what `RandomResizedCrop` does once it has chosen.
    public func resizedCrop(
        left: Int, top: Int, width: Int, height: Int, toWidth: Int, toHeight: Int,
        interpolation: Interpolation = .bilinear
    ) -> Image {
        cropped(left: left, top: top, width: width, height: height)
            .resized(width: toWidth, height: toHeight, interpolation: interpolation)
    }

    /// The picture with a border added.
    ///
    /// - Parameter fill: the border's value in every channel, where the mode is `constant`.
    ///
    /// Traps when a count is negative, or when a mirrored border is wider than the picture.
    public func padded(
        left: Int, top: Int, right: Int, bottom: Int, fill: UInt8 = 0, mode: PaddingMode = .constant
    ) -> Image {
        if min(left, top, right, bottom) < 0 {
            fatalError("padded: a border has at least 0 pixels, got \([left, top, right, bottom])")
        }
        let columns = (-left..<(width + right)).map { mode.source(of: $0, count: width) }
        let rows = (-top..<(height + bottom)).map { mode.source(of: $0, count: height) }
        return Image(width: columns.count, height: rows.count, channels: channels) { target in
            withPixels { source in
                var to = target
                for row in rows {
                    for column in columns {
                        for c in 0..<channels {
                            let isInside = row >= 0 && column >= 0
                            to[c] = isInside ? source[row * rowStride + column * channels + c] : fill
                        }
                        to += channels
                    }
                }
            }
        }
    }
}

extension PaddingMode {
    /// The index that stands for `index`; -1 for the fill value.
    fileprivate func source(of index: Int, count: Int) -> Int {
        if index >= 0 && index < count { return index }
        let mirrored: Int
        switch self {
        case .constant: return -1
        case .edge: return index < 0 ? 0 : count - 1
        case .reflect: mirrored = index < 0 ? -index : 2 * (count - 1) - index
        case .symmetric: mirrored = index < 0 ? -index - 1 : 2 * count - 1 - index
        }
        if mirrored < 0 || mirrored >= count {
            fatalError("padded: a mirrored border must be narrower than the picture, which has \(count) pixels")
        }
        return mirrored
    }
}
