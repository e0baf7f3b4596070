import CressetBackend
extension CPUBackend: Backend {
    public func softmax(_ x: Operand, axis: Int, logarithm: Bool, into out: Operand) { fatalError() }
    public func softmaxGradient(_ gradient: Operand, _ y: Operand, axis: Int, logarithm: Bool, into out: Operand) { fatalError() }
    public func maxPool(_ x: Operand, window: WindowGeometry, indices: Operand, into out: Operand) { fatalError() }
    public func maxPoolGradient(_ gradient: Operand, indices: Operand, into out: Operand) { fatalError() }
    public func averagePool(_ x: Operand, window: WindowGeometry, countsPadding: Bool, divisor: Int?, into out: Operand) { fatalError() }
    public func averagePoolGradient(_ gradient: Operand, window: WindowGeometry, countsPadding: Bool, divisor: Int?, into out: Operand) { fatalError() }
    public func batchStatistics(_ x: Operand, mean: Operand, variance: Operand) { fatalError() }
    public func batchNormalize(_ x: Operand, mean: Operand, variance: Operand, weight: Operand?, bias: Operand?, epsilon: Double, addend: Operand?, epilogue: Epilogue, into out: Operand) { fatalError() }
    public func batchNormalizeGradient(_ gradient: Operand, x: Operand, result: Operand?, mean: Operand, variance: Operand, weight: Operand?, bias: Operand?, epsilon: Double, usesBatch: Bool, epilogue: Epilogue, into out: Operand?, weightGradient: Operand, biasGradient: Operand, addendGradient: Operand?) { fatalError() }
    public func stepSGD(_ parameters: [SGDOperands], _ options: SGDStep) { fatalError() }
}
