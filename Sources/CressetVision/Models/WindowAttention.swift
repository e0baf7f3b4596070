import CressetNN
import Glibc

/// Attention between the patches of a window: the windows lie side by side, or are shifted by half of their side.
///
/// *Shape*: (N, H, W, features); the result has the same.
final class WindowAttention: Layer, CustomReflectable {
    private let qkv: Linear
    private let proj: Linear
    private let positions: Positions
    private let index: Buffer
    private let heads, window: Int
    private let isShifted: Bool

    /// What is learned about how far apart two patches are.
    private enum Positions {
        /// A number for each distance and head.
        case table(Parameter)
        /// A small network that takes in the logarithms of the distances, and a scale for each head.
        case network(scale: Parameter, distances: Buffer, Sequential)
    }

    init(_ version: SwinTransformer.Version, _ features: Int, heads: Int, window: Int, isShifted: Bool) {
        (self.heads, self.window, self.isShifted) = (heads, window, isShifted)
        qkv = Linear(features, 3 * features)
        proj = Linear(features, features)
        index = Buffer(Tensor.relativePositions(side: window).flattened())
        switch version {
        case .v1:
            let table = Parameter(.zeros([(2 * window - 1) * (2 * window - 1), heads]))
            table.initializeTruncatedNormal(standardDeviation: 0.02)
            positions = .table(table)
        case .v2:
            positions = .network(
                scale: Parameter(.full([heads, 1, 1], log(10.0))), distances: Buffer(WindowAttention.distances(window)),
                Sequential(Linear(2, 512), ReLU(), Linear(512, heads, bias: false)))
        }
    }

    /// torchvision's names.
    var customMirror: Mirror {
        let linear: [Mirror.Child] = [("qkv", qkv), ("proj", proj)]
        switch positions {
        case .table(let table):
            return Mirror(
                self,
                children: [("relative_position_bias_table", table), ("relative_position_index", index)] + linear)
        case .network(let scale, let distances, let network):
            let own: [Mirror.Child] = [
                ("logit_scale", scale), ("relative_coords_table", distances), ("relative_position_index", index),
            ]
            return Mirror(self, children: own + linear + [("cpb_mlp", network)])
        }
    }

    static var className: String { "ShiftedWindowAttention" }

    /// The vertical and horizontal distances in a window, from -1 to 1 on a logarithmic scale:
    /// (1, 2 side - 1, 2 side - 1, 2).
    private static func distances(_ side: Int) -> Tensor {
        let lengths = (1 - side..<side).map { distance -> Float in
            let scaled = 8 * Float(distance) / Float(max(1, side - 1))
            return (scaled < 0 ? -1 : 1) * log2(abs(scaled) + 1) / 3
        }
        let pairs = lengths.flatMap { vertical in lengths.flatMap { [vertical, $0] } }
        return Tensor(pairs, shape: [1, lengths.count, lengths.count, 2], device: .current)
    }

    func forward(_ x: Tensor) -> Tensor {
        let (n, height, width, features) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
        func missing(_ length: Int) -> Int { (window - length % window) % window }
        let padded = x.padded([0, 0, 0, missing(width), 0, missing(height)])
        let (rows, columns) = (padded.shape[1] / window, padded.shape[2] / window)
        // An axis with a single window is not shifted.
        let shifts = [rows, columns].map { isShifted && $0 > 1 ? window / 2 : 0 }
        let order = [0, 1, 3, 2, 4, 5]
        let parts = padded.rolled(shifts.map { -$0 }, axes: [1, 2])
            .reshaped([n, rows, window, columns, window, features]).permuted(order)
            .reshaped([n, rows * columns, window * window, features])
        let isMoved = shifts != [0, 0]
        let attended = attend(parts, mask: isMoved ? separation(rows, columns, shifts, x.device) : nil)
        return attended.reshaped([n, rows, columns, window, window, features]).permuted(order)
            .reshaped(padded.shape).rolled(shifts, axes: [1, 2])
            .narrowed(axis: 1, start: 0, count: height).narrowed(axis: 2, start: 0, count: width)
    }

    /// Attention within each of the parts, (N, parts, patches, features).
    private func attend(_ parts: Tensor, mask: Tensor?) -> Tensor {
        func masked(_ bias: Tensor) -> Tensor { mask.map { bias + $0 } ?? bias }
        switch positions {
        case .table(let table):
            let (queries, keys, values) = qkv(parts).queriesKeysValues(heads: heads)
            let bias = table.value.relativeBias(index.value)
            return proj(queries.attention(keys: keys, values: values, mask: masked(bias)).joiningHeads())
        case .network(let scale, let distances, let network):
            // Keys have no bias.
            let biases = qkv.bias!.value.chunked(3)
            let bias = Tensor.concatenated([biases[0], .zeros(like: biases[1]), biases[2]])
            let (queries, keys, values) = parts.linear(weight: qkv.weight.value, bias: bias)
                .queriesKeysValues(heads: heads)
            let directions = queries.normalized(axis: -1) * scale.value.clamp(max: log(100.0)).exp()
            let table = network(distances.value).reshaped([-1, heads]).sigmoid() * 16
            return proj(
                directions.attention(
                    keys: keys.normalized(axis: -1), values: values,
                    mask: masked(table.relativeBias(index.value)), scale: 1
                ).joiningHeads())
        }
    }

    /// What is added to the scores so that patches which are neighbours only because the picture was rolled do not see
    /// each other: (parts, 1, patches, patches).
    private func separation(_ rows: Int, _ columns: Int, _ shifts: [Int], _ device: Device) -> Tensor {
        /// Along an axis: 0 before the last window, 2 for what came from the other end, 1 between them.
        func regions(_ count: Int, _ shift: Int) -> Tensor {
            let places = Tensor.arange(count * window, device: device)
            let last = count * window - window
            return (places .>= last).to(.float32) + (places .>= last + window - shift).to(.float32)
        }
        let regions = regions(rows, shifts[0]).unsqueezed(at: 1) * 3 + regions(columns, shifts[1])
        let parts = regions.reshaped([rows, window, columns, window]).permuted([0, 2, 1, 3])
            .reshaped([rows * columns, 1, window * window])
        return .select(parts .!= parts.transposed(1, 2), -100, Tensor.zeros([], device: device)).unsqueezed(at: 1)
    }
}
