import Cresset

// Initial values equal to PyTorch's for the same seed, drawn on the CPU wherever the parameter is. Each method changes
// a parameter in place. Without initial values (`withoutInitialValues`) they do nothing.
extension Parameter {
    /// Sets every element.
    ///
    /// - Parameter number: The value of every element.
    ///
    /// *Source*: `torch.nn.init.constant_`, `zeros_`, `ones_`.
    public func initializeConstant(_ number: Double) {
        if InitialValues.areOmitted { return }
        value = .full(shape, number, dtype: dtype, device: device)
    }

    /// Draws from `range`, 0 to 1 by default.
    ///
    /// - Parameters:
    ///   - range: The half-open range of the numbers.
    ///   - generator: The source of random numbers; by default the current generator.
    ///
    /// *Source*: `torch.nn.init.uniform_`.
    public func initializeUniform(in range: Range<Double> = 0..<1, generator: Generator = .current) {
        if InitialValues.areOmitted { return }
        value = .uniform(shape, in: range, dtype: dtype, device: .cpu, generator: generator).to(device)
    }

    /// Draws from a normal distribution.
    ///
    /// - Parameters:
    ///   - mean: The mean.
    ///   - standardDeviation: The standard deviation.
    ///   - generator: The source of random numbers; by default the current generator.
    ///
    /// *Source*: `torch.nn.init.normal_`.
    public func initializeNormal(
        mean: Double = 0, standardDeviation: Double = 1, generator: Generator = .current
    ) {
        if InitialValues.areOmitted { return }
        value = .normal(
            shape, mean: mean, standardDeviation: standardDeviation, dtype: dtype, device: .cpu, generator: generator
        ).to(device)
    }

    /// Draws from a normal distribution truncated to `bounds`.
    ///
    /// - Parameters:
    ///   - mean: The mean.
    ///   - standardDeviation: The standard deviation.
    ///   - bounds: The range of the numbers.
    ///   - generator: The source of random numbers; by default the current generator.
    ///
    /// *Source*: `torch.nn.init.trunc_normal_`.
    public func initializeTruncatedNormal(
        mean: Double = 0, standardDeviation: Double = 1, bounds: ClosedRange<Double> = -2...2,
        generator: Generator = .current
    ) {
        fill {
            generator.fillTruncatedNormal(
                $0, mean: mean, standardDeviation: standardDeviation, from: bounds.lowerBound, to: bounds.upperBound)
        }
    }

    /// Draws uniformly so that the forward and backward pass keep their scale, as a compromise between the two.
    ///
    /// - Parameters:
    ///   - gain: The factor of the standard deviation.
    ///   - generator: The source of random numbers; by default the current generator.
    ///
    /// *Source*: Glorot and Bengio, "Understanding the Difficulty of Training Deep Feedforward Neural Networks", 2010;
    /// `torch.nn.init.xavier_uniform_`.
    public func initializeXavierUniform(gain: Double = 1, generator: Generator = .current) {
        let bound = 3.0.squareRoot() * xavierDeviation(gain)
        initializeUniform(in: -bound..<bound, generator: generator)
    }

    /// ``initializeXavierUniform(gain:generator:)`` with a normal distribution.
    ///
    /// - Parameters:
    ///   - gain: The factor of the standard deviation.
    ///   - generator: The source of random numbers; by default the current generator.
    ///
    /// *Source*: `torch.nn.init.xavier_normal_`.
    public func initializeXavierNormal(gain: Double = 1, generator: Generator = .current) {
        initializeNormal(standardDeviation: xavierDeviation(gain), generator: generator)
    }

    private func xavierDeviation(_ gain: Double) -> Double {
        gain * (2 / Double(Fan.input.count(shape) + Fan.output.count(shape))).squareRoot()
    }

    /// Draws uniformly so that the forward pass keeps its scale after `nonlinearity`, or the backward pass with
    /// `fanOut`.
    ///
    /// - Parameters:
    ///   - fanOut: Whether the outputs are counted instead of the inputs.
    ///   - nonlinearity: The activation that follows the layer.
    ///   - generator: The source of random numbers; by default the current generator.
    ///
    /// *Source*: He et al., "Delving Deep into Rectifiers", 2015; `torch.nn.init.kaiming_uniform_`.
    public func initializeKaimingUniform(
        fanOut: Bool = false, nonlinearity: Nonlinearity = .relu, generator: Generator = .current
    ) {
        let bound = 3.0.squareRoot() * kaimingDeviation(fanOut, nonlinearity)
        initializeUniform(in: -bound..<bound, generator: generator)
    }

    /// ``initializeKaimingUniform(fanOut:nonlinearity:generator:)`` with a normal distribution.
    ///
    /// - Parameters:
    ///   - fanOut: Whether the outputs are counted instead of the inputs.
    ///   - nonlinearity: The activation that follows the layer.
    ///   - generator: The source of random numbers; by default the current generator.
    ///
    /// *Source*: `torch.nn.init.kaiming_normal_`.
    public func initializeKaimingNormal(
        fanOut: Bool = false, nonlinearity: Nonlinearity = .relu, generator: Generator = .current
    ) {
        initializeNormal(standardDeviation: kaimingDeviation(fanOut, nonlinearity), generator: generator)
    }

    private func kaimingDeviation(_ fanOut: Bool, _ nonlinearity: Nonlinearity) -> Double {
        nonlinearity.gain / Double((fanOut ? Fan.output : .input).count(shape)).squareRoot()
    }

    /// Draws a matrix (first axis, all others) whose shorter side is orthonormal, times `gain`.
    ///
    /// - Parameters:
    ///   - gain: The factor of the standard deviation.
    ///   - generator: The source of random numbers; by default the current generator.
    ///
    /// *Source*: Saxe et al., "Exact Solutions to the Nonlinear Dynamics of Learning in Deep Linear Neural Networks", 2013;
    /// `torch.nn.init.orthogonal_`.
    public func initializeOrthogonal(gain: Double = 1, generator: Generator = .current) {
        requireWeight("initializeOrthogonal")
        let rows = shape[0]
        if elementCount == 0 { return }
        fill { generator.fillOrthogonal($0, rows: rows, columns: $0.count / rows, gain: gain) }
    }

    /// Draws a matrix from a normal distribution, and sets a share of each column to zero.
    ///
    /// *Source*: Martens, "Deep Learning via Hessian-free Optimization", 2010; `torch.nn.init.sparse_`.
    ///
    /// - Parameters:
    ///   - sparsity: The share of zeros, 0 to 1; their number is rounded up.
    ///   - standardDeviation: The standard deviation.
    ///   - generator: The source of random numbers; by default the current generator.
    public func initializeSparse(
        sparsity: Double, standardDeviation: Double = 0.01, generator: Generator = .current
    ) {
        guard shape.count == 2, (0...1).contains(sparsity) else {
            fatalError(
                "initializeSparse: a share of \(sparsity) of a weight of shape \(shape), but a matrix is needed")
        }
        let (rows, columns) = (shape[0], shape[1])
        let zeros = Int((sparsity * Double(rows)).rounded(.up))
        fill { buffer in
            generator.fillNormal(buffer, standardDeviation: standardDeviation)
            for column in 0..<columns {
                for row in generator.permutation(count: rows).prefix(zeros) { buffer[row * columns + column] = 0 }
            }
        }
    }

    /// Sets a matrix to ones on its diagonal, zeros elsewhere.
    ///
    /// *Source*: `torch.nn.init.eye_`.
    public func initializeIdentity() {
        guard shape.count == 2 else { fatalError("initializeIdentity: a weight of shape \(shape) is not a matrix") }
        if InitialValues.areOmitted { return }
        value = .eye(shape[0], shape[1], dtype: dtype, device: device)
    }

    /// Sets the kernel of a convolution so that it passes its channels through, as many as both sides have.
    ///
    /// *Source*: `torch.nn.init.dirac_`. Traps unless there are three to five axes and `groups` divides the first.
    public func initializeDirac(groups: Int = 1) {
        guard (3...5).contains(shape.count), groups >= 1, shape[0] % groups == 0 else {
            fatalError("initializeDirac: \(groups) groups do not fit a kernel of shape \(shape)")
        }
        let (each, strides) = (shape[0] / groups, shape.rowMajorStrides)
        let centre = (2..<shape.count).reduce(0) { $0 + shape[$1] / 2 * strides[$1] }
        let channels = min(each, shape[1])
        fill { buffer in
            buffer.update(repeating: 0)
            for group in 0..<groups {
                for channel in 0..<channels {
                    buffer[(group * each + channel) * strides[0] + channel * strides[1] + centre] = 1
                }
            }
        }
    }

    private func requireWeight(_ operation: String) {
        if shape.count < 2 { fatalError("\(operation): a weight of shape \(shape) has fewer than two axes") }
    }

    /// Draws in float32, then converts.
    private func fill(_ draw: (UnsafeMutableBufferPointer<Float>) -> Void) {
        if InitialValues.areOmitted { return }
        value = Tensor(dtype: .float32, shape: shape, device: .cpu) { draw($0.bindMemory(to: Float.self)) }
            .to(dtype).to(device)
    }

    /// Draws from the range ±bound.
    func drawUniform(bound: Double) { initializeUniform(in: -bound..<bound) }

    /// The weights of PyTorch's linear and convolutional layers: uniform within ±1/√inputs.
    func initializeAsFilter() {
        initializeKaimingUniform(nonlinearity: .leakyReLU(slope: 5.0.squareRoot()))
    }
}
