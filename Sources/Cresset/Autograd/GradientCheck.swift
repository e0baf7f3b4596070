/// A gradient that differs from the finite difference.
public struct GradientMismatch: Error, Sendable, CustomStringConvertible {
    /// Which input, and the position of the element in it.
    public let input: Int
    public let index: Int
    /// The gradient from the tape, and the slope by central differences.
    public let gradient: Double
    public let slope: Double

    public var description: String {
        "input \(input), element \(index): the gradient is \(gradient), the finite difference is \(slope)"
    }
}

/// Compares the gradients of a function of float64 tensors with central differences.
///
/// For the derivative of a custom operator:
///
/// ```swift
/// let x = Tensor.normal([3, 4], dtype: .float64)
/// try checkGradients([x]) { ($0[0] * $0[0]).sum(axes: [1]) }
/// ```
///
/// - Parameters:
///   - inputs: Where to differentiate; away from kinks, where finite differences are meaningless.
///   - order: 2 also checks second derivatives (`gradgradcheck`).
///   - step: The distance to either side of each element.
///   - relativeTolerance: The allowed difference from the slope, as a share of the slope.
///   - absoluteTolerance: The difference from the slope that is always allowed.
///   - function: A function of tensors of these shapes that does the same each time.
/// - Throws: ``GradientMismatch`` with the first element that differs by more than absoluteTolerance +
///   relativeTolerance |slope|. Traps for inputs that are not float64.
public func checkGradients(
    _ inputs: [Tensor], order: Int = 1, step: Double = 1e-6, relativeTolerance: Double = 1e-3,
    absoluteTolerance: Double = 1e-5, _ function: @escaping ([Tensor]) -> Tensor
) throws(GradientMismatch) {
    for input in inputs where input.dtype != .float64 {
        fail(
            "checkGradients", "an input of \(input.dtype)", hint: "differences need float64: convert with to(.float64)")
    }
    let check = GradientCheck(
        step: step, relativeTolerance: relativeTolerance, absoluteTolerance: absoluteTolerance, function: function)
    try check.run(inputs)
    guard order > 1 else { return }
    // The gradients as one long vector, as a function of the inputs and of the incoming gradient.
    let out = withoutGradients { function(inputs) }
    let gradients = { (tensors: [Tensor]) -> Tensor in
        let leaves = tensors.dropLast().map { $0.requiresGradient ? $0 : $0.requiringGradient() }
        let result = function(leaves).gradients(seed: tensors.last!, createsGraph: true)
        return .concatenated(leaves.map { (result[$0] ?? .zeros(like: $0)).flattened() })
    }
    try checkGradients(
        inputs + [GradientCheck.directions(out.shape, out.device)], order: order - 1, step: step,
        relativeTolerance: relativeTolerance, absoluteTolerance: absoluteTolerance, gradients)
}

/// One comparison: the function's result is first multiplied by fixed numbers and summed, so that two calls give the
/// slope along each element.
private struct GradientCheck {
    let step, relativeTolerance, absoluteTolerance: Double
    let function: ([Tensor]) -> Tensor

    /// Distinct numbers between 0.5 and 1.5, so that errors do not cancel.
    static func directions(_ shape: Shape, _ device: Device) -> Tensor {
        let values = (0..<shape.elementCount).map {
            0.5 + (Double($0) * 0.618_033_988_749_895).truncatingRemainder(dividingBy: 1)
        }
        return Tensor(values, shape: shape, device: device)
    }

    private func value(_ inputs: [Tensor]) -> Double {
        let out = function(inputs).detached()
        return (out * GradientCheck.directions(out.shape, out.device)).sum().item()
    }

    func run(_ inputs: [Tensor]) throws(GradientMismatch) {
        let leaves = inputs.map { $0.detached().contiguous().requiringGradient() }
        let out = function(leaves)
        let gradients =
            out.requiresGradient ? out.gradients(seed: GradientCheck.directions(out.shape, out.device)) : Gradients()
        for (number, leaf) in leaves.enumerated() {
            let gradient: [Double] = (gradients[leaf] ?? .zeros(like: leaf)).scalars()
            let values: [Double] = leaf.scalars()
            for i in values.indices {
                func moved(by distance: Double) -> Double {
                    var changed = values
                    changed[i] += distance
                    var all = inputs
                    all[number] = Tensor(changed, shape: leaf.shape, device: leaf.device)
                    return value(all)
                }
                let slope = (moved(by: step) - moved(by: -step)) / (2 * step)
                let bound = absoluteTolerance + relativeTolerance * abs(slope)
                // Negated, so that NaN fails.
                if !(abs(gradient[i] - slope) <= bound) {
                    throw GradientMismatch(input: number, index: i, gradient: gradient[i], slope: slope)
                }
            }
        }
    }
}
