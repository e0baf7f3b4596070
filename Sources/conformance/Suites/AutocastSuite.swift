import Cresset
import CressetNN

/// `autocast/`: the type of each operator's result inside autocast, by the type of its inputs.
///
/// A file is named after the device and the 16-bit type, `cpu-bfloat16.json`; its subjects are its operators, and the
/// cases of one are the rows of its inputs.
struct AutocastSuite: Suite {
    static let folder = "autocast"

    init(options: Options) {}

    func subjects(in directory: FilePath) throws -> [Subject] {
        try caseNames(in: directory).flatMap { try subjects($0, in: directory) }
    }

    private func subjects(_ name: String, in directory: FilePath) throws -> [Subject] {
        let json = try readJSON(directory.appending(name + ".json"))
        guard let members = json["operators"]?.members else { throw Failure("\(name) has no operators") }
        let parts = name.split(separator: "-")
        // A GPU's autocast gives different types, for example for softmax.
        let short = parts.first == "cpu" ? parts.last.flatMap { try? DType(torchName: String($0)) } : nil
        return members.sorted { $0.key < $1.key }.map { key, row in
            let cases = (row.members ?? []).sorted { $0.key < $1.key }
            let run = short.flatMap { short in autocastTable[key].map { (short, $0) } }.map { short, call in
                { (index: Int) in
                    let (input, expected) = (cases[index].key, cases[index].value.string ?? "")
                    // gru's float32 is a gap in PyTorch: Cresset behaves as for lstm.
                    let wanted = key == "gru" ? short.name : expected
                    let operands = AutocastOperands(dtype: try DType(torchName: input))
                    let found = withAutocast(short) { call(operands).dtype.name }
                    guard found == wanted else { throw Failure("for \(input) the result is \(found), not \(wanted)") }
                }
            }
            return Subject(folder: Self.folder, name: "\(name).\(key)", caseCount: cases.count, run: run)
        }
    }
}

/// Inputs of one type in the shapes that the operators need.
private struct AutocastOperands {
    let dtype: DType

    func callAsFunction(_ shape: Int...) -> Tensor { Tensor.full(Shape(shape), 0.5, dtype: dtype) }

    var matrix: Tensor { self(4, 4) }
    var image: Tensor { self(2, 4, 6, 6) }
    var volume: Tensor { self(2, 4, 6, 6, 6) }
    /// A second operand in float32, whatever the type of the first.
    var other: Tensor { Tensor.ones([4, 4]) }
}

/// The operators of the format by name; each is called as it is outside autocast.
private let autocastTable: [String: @Sendable (AutocastOperands) -> Tensor] = [
    "matmul": { $0.matrix.matmul($0.matrix) },
    "bmm": { $0(2, 4, 4).matmul($0(2, 4, 4)) },
    "addmm": { $0.matrix.linear(weight: $0.matrix.t, bias: $0.matrix) },
    "linear": { $0.matrix.linear(weight: $0.matrix, bias: $0(4)) },
    "conv2d": { $0.image.convolution(weight: $0(4, 4, 3, 3), bias: $0(4)) },
    "conv_transpose2d": { $0.image.transposedConvolution(weight: $0(4, 4, 3, 3), bias: $0(4)) },
    "scaled_dot_product_attention": { $0(2, 4, 4).attention(keys: $0(2, 4, 4), values: $0(2, 4, 4)) },
    "relu": { $0.matrix.relu() },
    "gelu": { $0.matrix.gelu() },
    "silu": { $0.matrix.silu() },
    "sigmoid": { $0.matrix.sigmoid() },
    "tanh": { $0.matrix.tanh() },
    "exp": { $0.matrix.exp() },
    "log": { $0.matrix.log() },
    "pow": { $0.matrix.power(2.5) },
    "rsqrt": { $0.matrix.rsqrt() },
    "softmax": { $0.matrix.softmax(axis: -1) },
    "log_softmax": { $0.matrix.logSoftmax(axis: -1) },
    "sum": { $0.matrix.sum() },
    "mean": { $0.matrix.mean() },
    "prod": { $0.matrix.product() },
    "cumsum": { $0.matrix.cumulativeSum(axis: 0) },
    "norm": { $0.matrix.norm() },
    "var": { $0.matrix.variance() },
    "batch_norm": {
        $0.image.batchNormalized(mean: $0(4), variance: $0(4), weight: $0(4), bias: $0(4), usesBatch: false)
    },
    "layer_norm": { $0.matrix.layerNormalized(shape: [4], weight: $0(4), bias: $0(4)) },
    "group_norm": { $0.image.groupNormalized(groups: 2, weight: $0(4), bias: $0(4)) },
    "instance_norm": { $0.image.instanceNormalized(weight: $0(4), bias: $0(4)) },
    "max_pool2d": { $0.image.maxPooled(kernel: [2], Window(stride: [2])) },
    "avg_pool2d": { $0.image.averagePool(kernel: [2], Window(stride: [2])) },
    "avg_pool3d": { $0.volume.averagePool(kernel: [2], Window(stride: [2])) },
    "adaptive_avg_pool2d": { $0.image.adaptiveAveragePool(output: [2, 2]) },
    "interpolate_bilinear": { $0.image.interpolated(size: [9, 9], mode: .linear) },
    "interpolate_nearest": { $0.image.interpolated(size: [9, 9], mode: .nearest) },
    "grid_sample": { $0.image.gridSampled($0(2, 5, 5, 2)) },
    "pad": { $0.matrix.padded([1, 1]) },
    "cross_entropy": { $0.matrix.crossEntropy(Tensor([0, 1, 2, 3] as [Int64])) },
    "nll_loss": { $0.matrix.negativeLogLikelihood(Tensor([0, 1, 2, 3] as [Int64])) },
    "mse_loss": { $0.matrix.meanSquaredError($0.matrix) },
    "l1_loss": { $0.matrix.l1Loss($0.matrix) },
    "smooth_l1_loss": { $0.matrix.smoothL1Loss($0.matrix) },
    "binary_cross_entropy_with_logits": { $0.matrix.binaryCrossEntropyWithLogits($0.matrix) },
    "kl_div": { $0.matrix.klDivergence($0.matrix) },
    "cosine_embedding_loss": { $0.matrix.cosineEmbeddingLoss($0.matrix, target: Tensor([1, 1, -1, 1] as [Int64])) },
    "huber_loss": { $0.matrix.huberLoss($0.matrix) },
    "embedding": { $0.matrix.embedding(Tensor([0, 3] as [Int64])) },
    "dropout": { $0.matrix.dropout(probability: 0.5) },
    "add": { $0.matrix + $0.matrix },
    "mul": { $0.matrix * $0.matrix },
    "add_mixed": { $0.matrix + $0.other },
    "cat_mixed": { .concatenated([$0.matrix, $0.other]) },
    "stack_mixed": { .stacked([$0.matrix, $0.other]) },
    "lstm": { LSTM(4, 5)($0(3, 2, 4)).output },
    "gru": { GRU(4, 5)($0(3, 2, 4)).output },
]
