import CressetNN

/// The third Inception network, with an auxiliary head.
///
/// *Shape*: (N, 3, H, W) gives (N, classes); sides of 75 pixels or more. It was trained on 299 × 299 pixels; the auxiliary
/// head takes part from that size on.
/// *Source*: Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", 2015.
public final class InceptionV3: AuxiliaryClassificationModel {
    // Names as in the published weights.
    let Conv2d_1a_3x3, Conv2d_2a_3x3, Conv2d_2b_3x3: BasicConv2d
    let maxpool1 = MaxPool2d(3, stride: 2)
    let Conv2d_3b_1x1, Conv2d_4a_3x3: BasicConv2d
    let maxpool2 = MaxPool2d(3, stride: 2)
    let Mixed_5b, Mixed_5c, Mixed_5d: InceptionBranches
    let Mixed_6a, Mixed_6b, Mixed_6c, Mixed_6d, Mixed_6e: InceptionBranches
    let AuxLogits: InceptionAuxiliaryHead?
    let Mixed_7a, Mixed_7b, Mixed_7c: InceptionBranches
    let avgpool = AdaptiveAvgPool2d([1, 1])
    let dropout: Dropout
    /// The head.
    public var fc: Linear
    public var isTraining = true
    /// Whether pictures normalised by ImageNet's mean and deviation are converted to a mean and deviation of 0.5, with
    /// which the published weights were trained.
    public var transformsInput: Bool
    public var auxiliaryWeight: Double { 0.4 }
    public var heads: [Head] {
        (AuxLogits.map { [Head(\.fc, of: $0, in: self)] } ?? []) + [Head(\.fc, of: self)]
    }

    /// A network with random weights, drawn as in torchvision.
    ///
    /// - Parameters:
    ///   - classes: The number of classes.
    ///   - auxiliaryHead: Whether there is an auxiliary head.
    ///   - transformsInput: Whether pictures are converted from ImageNet's mean and deviation to 0.5.
    ///   - dropout: The probability of dropping each feature before the head.
    public init(
        classes: Int = 1000, auxiliaryHead: Bool = true, transformsInput: Bool = false, dropout: Double = 0.5
    ) {
        self.transformsInput = transformsInput
        Conv2d_1a_3x3 = BasicConv2d(3, 32, kernel: 3, stride: 2)
        Conv2d_2a_3x3 = BasicConv2d(32, 32, kernel: 3)
        Conv2d_2b_3x3 = BasicConv2d(32, 64, kernel: 3, padding: 1)
        Conv2d_3b_1x1 = BasicConv2d(64, 80)
        Conv2d_4a_3x3 = BasicConv2d(80, 192, kernel: 3)
        Mixed_5b = .blockA(192, pool: 32)
        Mixed_5c = .blockA(256, pool: 64)
        Mixed_5d = .blockA(288, pool: 64)
        Mixed_6a = .blockB(288)
        Mixed_6b = .blockC(768, inner: 128)
        Mixed_6c = .blockC(768, inner: 160)
        Mixed_6d = .blockC(768, inner: 160)
        Mixed_6e = .blockC(768, inner: 192)
        AuxLogits = auxiliaryHead ? InceptionAuxiliaryHead(768, classes: classes) : nil
        Mixed_7a = .blockD(768)
        Mixed_7b = .blockE(1280)
        Mixed_7c = .blockE(2048)
        self.dropout = Dropout(dropout)
        fc = Linear(2048, classes)
        initialize()
    }

    private func initialize() {
        apply { module in
            let weight = (module as? Conv2d)?.weight ?? (module as? Linear)?.weight
            // The auxiliary head's own convolution has the default deviation: torchvision marks the block around it.
            weight?.initializeTruncatedNormal(standardDeviation: module === AuxLogits?.fc ? 0.001 : 0.1)
        }
    }

    public func forward(_ x: Tensor) -> Tensor { scores(x, withAuxiliary: false).main }

    public func scores(_ x: Tensor) -> (main: Tensor, auxiliary: [Tensor]) { scores(x, withAuxiliary: isTraining) }

    private func scores(_ x: Tensor, withAuxiliary: Bool) -> (main: Tensor, auxiliary: [Tensor]) {
        let x = transformsInput ? x.normalizedByHalves() : x
        let stem = maxpool1(Conv2d_2b_3x3(Conv2d_2a_3x3(Conv2d_1a_3x3(x))))
        let fine = Mixed_5d(Mixed_5c(Mixed_5b(maxpool2(Conv2d_4a_3x3(Conv2d_3b_1x1(stem))))))
        let middle = Mixed_6e(Mixed_6d(Mixed_6c(Mixed_6b(Mixed_6a(fine)))))
        let coarse = Mixed_7c(Mixed_7b(Mixed_7a(middle)))
        let main = fc(dropout(avgpool(coarse)).flattened(from: 1))
        // The auxiliary head's 5×5 convolution has no room in smaller pictures.
        let isLarge = min(middle.shape[2], middle.shape[3]) >= 17
        return (main, withAuxiliary && isLarge ? [AuxLogits?(middle)].compactMap { $0 } : [])
    }
}

/// Branches side by side, whose results are joined along the channels.
final class InceptionBranches: Layer, CustomReflectable {
    /// Convolutions in sequence, perhaps after a pool, perhaps with two more side by side at the end.
    struct Branch {
        let name: String
        let pool: (any Layer)?
        let layers: [BasicConv2d]
        let ends: [BasicConv2d]

        /// Convolutions with a number of channels and a kernel each; those at the end are 1×3 and 3×1.
        init(
            _ name: String, _ input: Int, _ steps: [(channels: Int, kernel: PerAxis)], stride: Int = 1,
            forkedEnd: Int? = nil, pool: (any Layer)? = nil
        ) {
            self.name = name
            self.pool = pool
            var channels = input
            func convolution(_ output: Int, _ kernel: PerAxis, stride: Int = 1) -> BasicConv2d {
                let padding = stride == 1 ? PerAxis(kernel.values.map { $0 / 2 }) : 0
                return BasicConv2d(channels, output, kernel: kernel, stride: stride, padding: padding)
            }
            layers = steps.enumerated().map { i, step in
                defer { channels = step.channels }
                return convolution(step.channels, step.kernel, stride: i == steps.count - 1 ? stride : 1)
            }
            ends = forkedEnd.map { [convolution($0, [1, 3]), convolution($0, [3, 1])] } ?? []
        }

        /// The convolutions with their names: the branch's own with a number each, unless there is only one.
        var parts: [Mirror.Child] {
            if layers.count == 1 && ends.isEmpty { return [(name, layers[0])] }
            let numbered = layers.enumerated().map { (label: "\(name)_\($0 + 1)", value: $1) }
            let forked = zip("ab", ends).map { (label: "\(name)_\(layers.count + 1)\($0)", value: $1) }
            return (numbered + forked).map { ($0.label, $0.value) }
        }

        func callAsFunction(_ x: Tensor) -> [Tensor] {
            let y = layers.reduce(pool?(x) ?? x) { $1($0) }
            return ends.isEmpty ? [y] : ends.map { $0(y) }
        }
    }

    let branches: [Branch]
    /// A pool without convolutions, beside the branches.
    let pool: MaxPool2d?

    init(_ branches: [Branch], pool: MaxPool2d? = nil) {
        self.branches = branches
        self.pool = pool
    }

    var customMirror: Mirror { Mirror(self, children: branches.flatMap(\.parts)) }

    func forward(_ x: Tensor) -> Tensor {
        .concatenated(branches.flatMap { $0(x) } + [pool?(x)].compactMap { $0 }, axis: 1)
    }
}

extension InceptionBranches {
    private static func pooled(_ input: Int, _ output: Int) -> Branch {
        Branch("branch_pool", input, [(output, 1)], pool: AvgPool2d(3, stride: 1, padding: 1))
    }

    /// Convolutions of up to 5×5.
    static func blockA(_ input: Int, pool: Int) -> InceptionBranches {
        InceptionBranches([
            Branch("branch1x1", input, [(64, 1)]), Branch("branch5x5", input, [(48, 1), (64, 5)]),
            Branch("branch3x3dbl", input, [(64, 1), (96, 3), (96, 3)]), pooled(input, pool),
        ])
    }

    /// To half the size.
    static func blockB(_ input: Int) -> InceptionBranches {
        InceptionBranches(
            [
                Branch("branch3x3", input, [(384, 3)], stride: 2),
                Branch("branch3x3dbl", input, [(64, 1), (96, 3), (96, 3)], stride: 2),
            ], pool: MaxPool2d(3, stride: 2))
    }

    /// 7×7 convolutions as pairs of 1×7 and 7×1.
    static func blockC(_ input: Int, inner: Int) -> InceptionBranches {
        InceptionBranches([
            Branch("branch1x1", input, [(192, 1)]),
            Branch("branch7x7", input, [(inner, 1), (inner, [1, 7]), (192, [7, 1])]),
            Branch(
                "branch7x7dbl", input,
                [(inner, 1), (inner, [7, 1]), (inner, [1, 7]), (inner, [7, 1]), (192, [1, 7])]),
            pooled(input, 192),
        ])
    }

    /// To half the size.
    static func blockD(_ input: Int) -> InceptionBranches {
        InceptionBranches(
            [
                Branch("branch3x3", input, [(192, 1), (320, 3)], stride: 2),
                Branch("branch7x7x3", input, [(192, 1), (192, [1, 7]), (192, [7, 1]), (192, 3)], stride: 2),
            ], pool: MaxPool2d(3, stride: 2))
    }

    /// 1×3 and 3×1 convolutions side by side.
    static func blockE(_ input: Int) -> InceptionBranches {
        InceptionBranches([
            Branch("branch1x1", input, [(320, 1)]), Branch("branch3x3", input, [(384, 1)], forkedEnd: 384),
            Branch("branch3x3dbl", input, [(448, 1), (384, 3)], forkedEnd: 384), pooled(input, 192),
        ])
    }
}

/// The auxiliary head, beside the middle of the network.
final class InceptionAuxiliaryHead: Layer {
    let conv0, conv1: BasicConv2d
    var fc: Linear

    init(_ channels: Int, classes: Int) {
        conv0 = BasicConv2d(channels, 128)
        conv1 = BasicConv2d(128, 768, kernel: 5)
        fc = Linear(768, classes)
    }

    func forward(_ x: Tensor) -> Tensor {
        let pooled = x.averagePool(kernel: [5, 5], Window(stride: [3, 3]))
        return fc(conv1(conv0(pooled)).adaptiveAveragePool(output: [1, 1]).flattened(from: 1))
    }
}
