// Kernels always have three spatial axes; those that an operator does not have are of length 1.

extension Shape {
    /// The lengths of three axes as a kernel's struct has them. One that is too long for its type becomes the longest
    /// possible: it can only be a step that is never taken.
    ///
    /// - Parameters:
    ///   - first: The first of the axes.
    ///   - missing: What axes that do not exist get.
    @inlinable package func three<N: FixedWidthInteger>(from first: Int = 0, missing: N) -> (N, N, N) {
        func value(_ i: Int) -> N { first + i < count ? N(clamping: self[first + i]) : missing }
        return (value(0), value(1), value(2))
    }

    /// The strides of a batch, of its channels and of three spatial axes; 0 for missing ones.
    @inlinable package var five: (Int64, Int64, Int64, Int64, Int64) {
        let axes = three(from: 2, missing: Int64(0))
        return (Int64(self[0]), Int64(self[1]), axes.0, axes.1, axes.2)
    }
}
