/// How much each place of a picture speaks for a class, from 0 to 1: a grid laid over the picture.
///
/// ```swift
/// let maps = try model.gradCAM(pictures, classes: [0])
/// try maps[0].overlaid(on: image).writeJPEG(to: "why.jpg")
/// ```
public struct HeatMap: Sendable, Hashable {
    public let width: Int
    public let height: Int
    /// Row by row, `width` values each; all are 0 where nothing speaks for the class.
    public let values: [Float]

    /// A grid of values. Traps if their number does not fit the size, or there are none.
    ///
    /// - Parameters:
    ///   - width: The number of columns.
    ///   - height: The number of rows.
    ///   - values: Row by row, from 0 to 1.
    public init(width: Int, height: Int, values: [Float]) {
        precondition(
            width > 0 && height > 0 && values.count == width * height,
            "HeatMap: \(values.count) values do not make a grid of \(width) x \(height)")
        self.width = width
        self.height = height
        self.values = values
    }

    /// The same as a finer or coarser grid, with values in between found by lines between the centres of cells, as
    /// `torch.nn.functional.interpolate` does in the mode `bilinear`.
    ///
    /// - Parameters:
    ///   - width: The number of columns, 1 or more.
    ///   - height: The number of rows, 1 or more.
    public func resized(width: Int, height: Int) -> HeatMap {
        let columns = (0..<width).map { tap(Double($0), of: width, among: self.width) }
        let rows = (0..<height).map { tap(Double($0), of: height, among: self.height) }
        let values = rows.flatMap { row in columns.map { value($0, row) } }
        return HeatMap(width: width, height: height, values: values)
    }

    /// Two neighbouring cells, and how near the second is.
    struct Tap {
        let first: Int
        let second: Int
        let share: Float
    }

    /// The cells for position `index` of `count` positions along an axis with `cells` cells.
    func tap(_ index: Double, of count: Int, among cells: Int) -> Tap {
        let place = min(max((index + 0.5) * Double(cells) / Double(count) - 0.5, 0), Double(cells - 1))
        let first = Int(place)
        return Tap(first: first, second: min(first + 1, cells - 1), share: Float(place - Double(first)))
    }

    func value(_ column: Tap, _ row: Tap) -> Float {
        func along(_ start: Int) -> Float {
            values[start + column.first] * (1 - column.share) + values[start + column.second] * column.share
        }
        return along(row.first * width) * (1 - row.share) + along(row.second * width) * row.share
    }
}
