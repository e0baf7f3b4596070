import CPixels
import Cresset

extension Image {
    /// The picture with every pixel taken from elsewhere, as torchvision's `elastic_transform` does.
    ///
    /// Traps if the displacements' shape does not fit, and for an interpolation other than `nearest` and `bilinear`.
    ///
    /// - Parameters:
    ///   - displacement: How far away each pixel is taken, x and then y, of shape (height, width, 2) or
    ///     (1, height, width, 2): 2 is the picture's width or height.
    ///   - interpolation: `nearest` or `bilinear`.
    ///   - fill: The colour of what lies outside, into which the picture's edges fade. Default: black.
    public func elasticallyTransformed(
        by displacement: Tensor, interpolation: Interpolation = .bilinear, fill: Fill? = nil
    ) -> Image {
        let shape: Shape = [height, width, 2]
        if displacement.shape != shape && displacement.shape != shape.inserting(1, at: 0) {
            fatalError(
                "elasticallyTransformed: a picture of \(width) x \(height) pixels needs displacements of shape "
                    + "\(shape), got \(displacement.shape)")
        }
        return displaced(displacement.to(.float32).scalars(), interpolation, fill)
    }

    /// As above, with the displacements as x, y, x, y, and so on.
    func displaced(_ displacements: [Float], _ interpolation: Interpolation, _ fill: Fill?) -> Image {
        checkElastic("elasticallyTransformed", interpolation)
        let fill = fill?.bytes("elasticallyTransformed", channels: channels)
        return mapped {
            if let fill {
                cresset_pixels_displace($0, $1, displacements, interpolation.sampling!, fill)
            } else {
                cresset_pixels_displace($0, $1, displacements, interpolation.sampling!, nil)
            }
        }
    }
}

/// Traps for an interpolation that displacements do not have.
func checkElastic(_ name: String, _ interpolation: Interpolation) {
    if interpolation != .nearest && interpolation != .bilinear {
        fatalError("\(name): the interpolation must be nearest or bilinear, got \(interpolation)")
    }
}
