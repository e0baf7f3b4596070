extension Tensor {
    /// The result of a function with a custom derivative.
    ///
    /// ```swift
    /// let y = Tensor.custom("sign", [x]) { $0[0].sign() } backward: { gradient, _, _ in [gradient] }  // straight through
    /// ```
    /// `forward` is computed without recording. `backward` gets the gradient of the result, the inputs and the result,
    /// and returns a gradient for each input, nil if none flows; if it consists of differentiable operators, second
    /// derivatives work too. Check it against finite differences with
    /// ``checkGradients(_:order:step:relativeTolerance:absoluteTolerance:_:)``.
    ///
    /// - Parameters:
    ///   - name: The function's name in messages.
    ///   - inputs: All tensors that need gradients; anything else that `forward` captures is treated as constant.
    ///   - forward: Computes the result from the inputs.
    ///   - backward: Computes the inputs' gradients from that of the result.
    ///
    /// Traps, when gradients are computed, if `backward` does not return one gradient per input, or one of a different
    /// shape.
    public static func custom(
        _ name: StaticString, _ inputs: [Tensor], forward: (_ inputs: [Tensor]) throws -> Tensor,
        backward: @escaping @Sendable (_ gradient: Tensor, _ inputs: [Tensor], _ result: Tensor) -> [Tensor?]
    ) rethrows -> Tensor {
        let result = try withoutGradients { try forward(inputs.map { $0.detached() }) }.detached()
        return result.recordedWithResult(name, inputs) { gradient, result in
            let gradients = backward(gradient, inputs, result)
            guard gradients.count == inputs.count else {
                fail(
                    "\(name)", "backward returned \(gradients.count) gradients for \(inputs.count) inputs",
                    hint: "return nil for an input without a gradient")
            }
            for (i, (gradient, input)) in zip(gradients, inputs).enumerated() {
                if let gradient, gradient.shape != input.shape {
                    fail("\(name)", "backward returned shape \(gradient.shape) for input \(i) of shape \(input.shape)")
                }
            }
            return zip(gradients, inputs).map { gradient, input in gradient?.to(input.dtype) }
        }
    }
}
