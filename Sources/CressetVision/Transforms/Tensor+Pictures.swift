import Cresset

extension Tensor {
    /// This picture's numbers in another type and its range: 0 to 255 in bytes, 0 to the largest number in other
    /// integers, 0 to 1 in floating-point numbers.
    ///
    /// Traps where torchvision refuses: float32 to int32 or int64, float64 to int64, and for booleans.
    ///
    /// - Parameter dtype: The type of the result.
    /// - Source: torchvision's `convert_image_dtype`.
    public func convertingPicture(to dtype: DType) -> Tensor {
        if dtype == self.dtype { return self }
        if self.dtype.isFloatingPoint && dtype.isFloatingPoint { return to(dtype) }
        if !self.dtype.isFloatingPoint && dtype.isFloatingPoint {
            return to(dtype) / Double(largest(self.dtype))
        }
        if self.dtype.isFloatingPoint {
            let isLossy = dtype == .int64 || (dtype == .int32 && self.dtype != .float64)
            if isLossy { fatalError("convertingPicture: \(self.dtype) cannot represent every \(dtype)") }
            return (self * (Double(largest(dtype)) + 1 - 1e-3)).to(dtype)
        }
        let (here, there) = (largest(self.dtype), largest(dtype))
        let factor = Int((UInt64(Swift.max(here, there)) + 1) / (UInt64(Swift.min(here, there)) + 1))
        let divisor = Tensor(factor, device: device)
        return here > there ? floorDivided(by: divisor).to(dtype) : to(dtype) * divisor.to(dtype)
    }

    private func largest(_ dtype: DType) -> Int64 {
        switch dtype {
        case .uint8: 255
        case .int8: 127
        case .int16: 32_767
        case .int32: Int64(Int32.max)
        case .int64: .max
        default: fatalError("convertingPicture: pictures of \(dtype) have no largest value")
        }
    }

    /// This picture with a rectangle replaced.
    ///
    /// Traps if the rectangle reaches outside, or if the value does not broadcast to its shape.
    ///
    /// - Parameters:
    ///   - top: The rectangle's first row.
    ///   - left: The rectangle's first column.
    ///   - height: In pixels.
    ///   - width: In pixels.
    ///   - value: What replaces it: a number, (C, 1, 1), or (C, height, width).
    /// - Source: torchvision's `erase`.
    public func erased(top: Int, left: Int, height: Int, width: Int, value: Tensor) -> Tensor {
        if rank < 2 || top < 0 || left < 0 || height < 0 || width < 0 || top + height > shape[rank - 2]
            || left + width > shape[rank - 1]
        {
            fatalError(
                "erased: \(width) x \(height) pixels from (\(left), \(top)) reach outside a picture of shape \(shape)")
        }
        var result = self
        result[.ellipsis, top..<(top + height), left..<(left + width)] = value
        return result
    }
}

extension Normalize {
    /// Normalises a picture, (…, channel, height, width).
    ///
    /// Traps if it is not of floating-point numbers, or has a different number of channels.
    ///
    /// - Parameter picture: A picture as a tensor, or a batch of them.
    public func callAsFunction(_ picture: Tensor) -> Tensor {
        if !picture.dtype.isFloatingPoint || picture.rank < 3 || picture.shape[picture.rank - 3] != mean.count {
            fatalError(
                "Normalize: needs floating-point numbers (…, \(mean.count), height, width), got \(picture.dtype) of "
                    + "\(picture.shape)\n  hint: convertingPicture(to: .float32) makes them from bytes")
        }
        func channels(_ values: [Double]) -> Tensor {
            Tensor(values, shape: [values.count, 1, 1], device: picture.device).to(picture.dtype)
        }
        return (picture - channels(mean)) / channels(deviation)
    }
}

/// Multiplies pictures, as vectors, by a matrix: for whitening.
///
/// It works on tensors, after the loader: x becomes (x - mean) · matrix.
public struct LinearTransformation: Sendable {
    /// (D, D), where D is the number of elements of a picture.
    public let matrix: Tensor
    /// (D).
    public let mean: Tensor

    /// Traps if the shapes do not fit.
    ///
    /// - Parameters:
    ///   - matrix: (D, D), where D is the number of elements of a picture.
    ///   - mean: (D): what is subtracted first.
    public init(matrix: Tensor, mean: Tensor) {
        if matrix.rank != 2 || matrix.shape[0] != matrix.shape[1] || mean.shape != [matrix.shape[0]] {
            fatalError(
                "LinearTransformation: needs a matrix (D, D) and a mean (D), got \(matrix.shape) and \(mean.shape)")
        }
        self.matrix = matrix
        self.mean = mean
    }

    /// The pictures after the transformation, in the same shape.
    ///
    /// Traps if a picture does not have D elements.
    ///
    /// - Parameter pictures: (C, H, W), or a batch (N, C, H, W).
    public func callAsFunction(_ pictures: Tensor) -> Tensor {
        let elements = pictures.shape.suffix(3).reduce(1, *)
        if pictures.rank < 3 || elements != mean.shape[0] {
            fatalError(
                "LinearTransformation: pictures of shape \(pictures.shape) do not have \(mean.shape[0]) elements")
        }
        let centred = pictures.reshaped([-1, elements]) - mean
        return centred.matmul(matrix.to(centred.dtype)).reshaped(pictures.shape)
    }
}
