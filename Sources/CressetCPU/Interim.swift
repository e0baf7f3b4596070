import CressetBackend
extension CPUBackend: Backend {
    public func softmax(_ x: Operand, axis: Int, logarithm: Bool, into out: Operand) { fatalError() }
    public func softmaxGradient(_ gradient: Operand, _ y: Operand, axis: Int, logarithm: Bool, into out: Operand) { fatalError() }
    public func maxPool(_ x: Operand, window: WindowGeometry, indices: Operand, into out: Operand) { fatalError() }
    public func maxPoolGradient(_ gradient: Operand, indices: Operand, into out: Operand) { fatalError() }
    public func averagePool(_ x: Operand, window: WindowGeometry, countsPadding: Bool, divisor: Int?, into out: Operand) { fatalError() }
    public func averagePoolGradient(_ gradient: Operand, window: WindowGeometry, countsPadding: Bool, divisor: Int?, into out: Operand) { fatalError() }
    public func stepSGD(_ parameters: [SGDOperands], _ options: SGDStep) { fatalError() }
}
