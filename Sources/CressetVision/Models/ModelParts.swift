import CressetNN

// What several families are built of.

/// A batch normalisation with TensorFlow's numbers.
func tensorFlowNorm(_ channels: Int) -> BatchNorm2d { BatchNorm2d(channels, epsilon: 1e-3, momentum: 0.01) }

extension Sequential {
    /// A convolution without a bias, its normalisation and its activation, under the names 0, 1 and 2.
    ///
    /// It keeps the picture's size, apart from the stride.
    static func convolution(
        _ input: Int, _ output: Int, kernel: Int = 3, stride: Int = 1, groups: Int = 1,
        norm: (_ channels: Int) -> BatchNorm2d = { BatchNorm2d($0) }, activation: (any Layer)? = nil
    ) -> Sequential {
        let convolution = Conv2d(
            input, output, kernelSize: kernel, stride: stride, padding: kernel / 2, groups: groups, bias: false)
        return Sequential([convolution, norm(output)] + [activation].compactMap { $0 })
    }

    /// The two linear layers of a transformer's block, drawn as Glorot and Bengio propose.
    static func perceptron(_ features: Int, hidden: Int, dropout: Double) -> Sequential {
        let layers = Sequential(
            Linear(features, hidden), GELU(), Dropout(dropout), Linear(hidden, features), Dropout(dropout))
        layers.apply { module in
            guard let linear = module as? Linear else { return }
            linear.weight.initializeXavierUniform()
            linear.bias?.initializeNormal(standardDeviation: 1e-6)
        }
        return layers
    }
}

/// A convolution without a bias, its normalisation and ReLU, under the names `conv` and `bn`.
final class BasicConv2d: Layer {
    let conv: Conv2d
    let bn: BatchNorm2d

    init(
        _ input: Int, _ output: Int, kernel: PerAxis = 1, stride: Int = 1, padding: PerAxis = 0
    ) {
        conv = Conv2d(input, output, kernelSize: kernel, stride: stride, padding: padding.values, bias: false)
        bn = BatchNorm2d(output, epsilon: 1e-3)
    }

    func forward(_ x: Tensor) -> Tensor { conv(x, norm: bn, activation: ReLU()) }
}

extension Module {
    /// Draws the weights of convolutions and linear layers anew, from first to last, and sets their biases to zero.
    ///
    /// Layers of a kind without a closure stay as they are.
    func drawWeights(
        ofConvolutions convolution: ((Parameter) -> Void)? = nil, ofLinear linear: ((Parameter) -> Void)? = nil
    ) {
        apply { module in
            switch module {
            case let layer as Conv2d:
                guard let convolution else { return }
                convolution(layer.weight)
                layer.bias?.initializeConstant(0)
            case let layer as Linear:
                guard let linear else { return }
                linear(layer.weight)
                layer.bias?.initializeConstant(0)
            default: break
            }
        }
    }
}

extension Double {
    /// The share of this probability that block `index` of `count` has: none for the first, all of it for the last.
    func ofBlock(_ index: Int, of count: Int) -> Double { self * Double(index) / Double(Swift.max(1, count - 1)) }

    /// A number of channels, rounded to a multiple of `divisor` that is not smaller by more than a tenth.
    func channels(multipleOf divisor: Int = 8) -> Int {
        let rounded = Swift.max(divisor, Int(self + Double(divisor) / 2) / divisor * divisor)
        return Double(rounded) < 0.9 * self ? rounded + divisor : rounded
    }
}
