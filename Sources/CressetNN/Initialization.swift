import Cresset

// Initial values equal to PyTorch's from the same seed. Each changes a parameter in place.

/// How many inputs and outputs an element of a weight (out, in, kernel…) connects.
enum Fan {
    case input, output

    func count(_ shape: Shape) -> Int {
        let field = shape.dropFirst(2).reduce(1, *)
        return (self == .input ? shape[1] : shape[0]) * field
    }
}

extension Parameter {
    /// Draws from the range ±bound.
    func drawUniform(bound: Double, _ generator: Generator = .current) {
        value = .uniform(shape, in: -bound..<bound, dtype: dtype, generator: generator)
    }

    /// Draws from a normal distribution.
    func drawNormal(mean: Double = 0, standardDeviation: Double, _ generator: Generator = .current) {
        value = .normal(shape, mean: mean, standardDeviation: standardDeviation, dtype: dtype, generator: generator)
    }

    /// He's uniform initialisation for a leaky rectifier of slope `a`.
    ///
    /// - Source: He et al., "Delving Deep into Rectifiers", 2015; `torch.nn.init.kaiming_uniform_`.
    func kaimingUniform(a: Double = 0, fan: Fan = .input) {
        let deviation = (2 / (1 + a * a)).squareRoot() / Double(fan.count(shape)).squareRoot()
        drawUniform(bound: 3.0.squareRoot() * deviation)
    }

    /// He's normal initialisation for a rectifier, by the number of outputs (`fan_out`) or of inputs (`fan_in`).
    ///
    /// - Source: He et al., "Delving Deep into Rectifiers", 2015; `torch.nn.init.kaiming_normal_`.
    public func initializeKaimingNormal(fanOut: Bool = false) {
        let fan = (fanOut ? Fan.output : .input).count(shape)
        drawNormal(standardDeviation: 2.0.squareRoot() / Double(fan).squareRoot())
    }

    /// Sets every element.
    func fill(_ number: Double) {
        value = .full(shape, number, dtype: dtype)
    }
}
