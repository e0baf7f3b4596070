import CCUDA
import CressetBackend

/// A convolution as a graph of cuDNN's operations, and the available plans for it.
package struct ConvolutionGraph {
    /// The numbers that identify a graph's tensors when addresses are set.
    enum Tensor: Int64 {
        case x = 1
        case weight, out, bias, addend
        /// Results between operations; later ones have the following numbers.
        case between
    }

    private let target: CudnnTarget
    private let problem: ConvolutionProblem
    private let graph: CudnnDescriptor

    package init(_ problem: ConvolutionProblem, for target: CudnnTarget) throws(CudnnError) {
        self.target = target
        self.problem = problem
        let operations = try Self.operations(problem, target.library)
        graph = try CudnnDescriptor(target.library, .operationGraph)
        if let handle = target.handle {
            var handle: cr_dnn_handle? = handle
            try graph.set(.graphHandle, .handle, 1, &handle)
        }
        try graph.set(.graphOperations, operations)
        try graph.finalize()
    }

    // MARK: Operations

    private static func operations(
        _ problem: ConvolutionProblem, _ library: cresset_cudnn
    ) throws(CudnnError) -> [CudnnDescriptor] {
        var nextIdentifier = Tensor.between.rawValue
        func tensor(_ which: Tensor, _ shape: Shape) throws(CudnnError) -> CudnnDescriptor {
            let isVirtual = which == .between
            let identifier = isVirtual ? nextIdentifier : which.rawValue
            if isVirtual { nextIdentifier += 1 }
            return try Self.tensor(
                library, identifier, shape, isVirtual ? .float32 : problem.dtype, isVirtual: isVirtual)
        }
        let convolution = try convolution(problem, library)
        let weight = try tensor(.weight, problem.weight)
        switch problem.pass {
        case .inputGradient:
            let operation = try CudnnDescriptor(library, .convolutionBackwardData)
            try operation.set(.backwardDataDX, tensor(.x, problem.x))
            try operation.set(.backwardDataWeight, weight)
            try operation.set(.backwardDataDY, tensor(.out, problem.out))
            try operation.set(.backwardDataConvolution, convolution)
            try operation.set(.backwardDataAlpha, 1)
            try operation.set(.backwardDataBeta, 0)
            try operation.finalize()
            return [operation]
        case .weightGradient:
            let operation = try CudnnDescriptor(library, .convolutionBackwardFilter)
            try operation.set(.backwardFilterX, tensor(.x, problem.x))
            try operation.set(.backwardFilterDW, weight)
            try operation.set(.backwardFilterDY, tensor(.out, problem.out))
            try operation.set(.backwardFilterConvolution, convolution)
            try operation.set(.backwardFilterAlpha, 1)
            try operation.set(.backwardFilterBeta, 0)
            try operation.finalize()
            return [operation]
        case .forward: return try forward(problem, convolution, weight, library, tensor)
        }
    }

    private static func forward(
        _ problem: ConvolutionProblem, _ convolution: CudnnDescriptor, _ weight: CudnnDescriptor,
        _ library: cresset_cudnn, _ tensor: (Tensor, Shape) throws(CudnnError) -> CudnnDescriptor
    ) throws(CudnnError) -> [CudnnDescriptor] {
        func result(isLast: Bool) throws(CudnnError) -> CudnnDescriptor {
            try tensor(isLast ? .out : .between, problem.out)
        }
        let operation = try CudnnDescriptor(library, .convolutionForward)
        try operation.set(.forwardX, tensor(.x, problem.x))
        try operation.set(.forwardWeight, weight)
        var last = try result(isLast: problem.isPlain)
        try operation.set(.forwardY, last)
        try operation.set(.forwardConvolution, convolution)
        try operation.set(.forwardAlpha, 1)
        try operation.set(.forwardBeta, 0)
        try operation.finalize()
        var operations = [operation]
        // Engines support only this order: the addend before the bias.
        if problem.hasAddend {
            let sum = try result(isLast: !problem.hasBias && !problem.isRectified)
            operations.append(try pointwise(library, .add, last, tensor(.addend, problem.out), sum))
            last = sum
        }
        if problem.hasBias {
            let sum = try result(isLast: !problem.isRectified)
            var channels = Shape(repeating: 1, count: problem.out.count)
            channels[1] = problem.out[1]
            operations.append(try pointwise(library, .add, last, tensor(.bias, channels), sum))
            last = sum
        }
        if problem.isRectified { operations.append(try pointwise(library, .relu, last, nil, result(isLast: true))) }
        return operations
    }

    private static func tensor(
        _ library: cresset_cudnn, _ identifier: Int64, _ shape: Shape, _ dtype: DType, isVirtual: Bool
    ) throws(CudnnError) -> CudnnDescriptor {
        let tensor = try CudnnDescriptor(library, .tensor)
        try tensor.set(.tensorDataType, dtype)
        try tensor.set(.tensorLengths, shape.map(Int64.init))
        try tensor.set(.tensorStrides, shape.channelsLastStrides.map(Int64.init))
        try tensor.set(.tensorIdentifier, [identifier])
        try tensor.set(.tensorAlignment, [16])
        if isVirtual { try tensor.set(.tensorIsVirtual, true) }
        try tensor.finalize()
        return tensor
    }

    private static func convolution(
        _ problem: ConvolutionProblem, _ library: cresset_cudnn
    ) throws(CudnnError) -> CudnnDescriptor {
        let convolution = try CudnnDescriptor(library, .convolution)
        try convolution.set(.convolutionComputeType, .float32)
        try convolution.set(.convolutionMode, .convolutionMode, Cudnn.crossCorrelation)
        try convolution.set(.convolutionAxes, [Int64(problem.stride.count)])
        try convolution.set(.convolutionStrides, problem.stride.map(Int64.init))
        try convolution.set(.convolutionDilations, problem.dilation.map(Int64.init))
        try convolution.set(.convolutionPaddingBefore, problem.paddingBefore.map(Int64.init))
        try convolution.set(.convolutionPaddingAfter, problem.paddingAfter.map(Int64.init))
        try convolution.finalize()
        return convolution
    }

    private static func pointwise(
        _ library: cresset_cudnn, _ mode: Cudnn.PointwiseMode, _ x: CudnnDescriptor, _ b: CudnnDescriptor?,
        _ y: CudnnDescriptor
    ) throws(CudnnError) -> CudnnDescriptor {
        let pointwise = try CudnnDescriptor(library, .pointwise)
        try pointwise.set(.pointwiseMode, .pointwiseMode, mode.rawValue)
        try pointwise.set(.pointwisePrecision, .float32)
        if mode == .relu { try pointwise.set(.pointwiseNaNPropagation, .nanPropagation, Cudnn.propagateNaN) }
        try pointwise.finalize()
        let operation = try CudnnDescriptor(library, .pointwiseOperation)
        try operation.set(.pointwiseOperator, pointwise)
        try operation.set(.pointwiseX, x)
        if let b { try operation.set(.pointwiseB, b) }
        try operation.set(.pointwiseY, y)
        try operation.finalize()
        return operation
    }

    // MARK: Plans

    /// Plans for the graph, at most `count`, none of which needs more than `mostWorkspace` bytes besides the tensors:
    /// those with reproducible results, if there are any; the ones that cuDNN considers fastest come first.
    package func plans(count: Int, mostWorkspace: Int = 1 << 30) -> [ConvolutionExecution] {
        var candidates: [(configuration: CudnnDescriptor, notes: [Int32])] = []
        func found(repeating: Bool) -> [ConvolutionExecution] {
            var plans: [ConvolutionExecution] = []
            for candidate in candidates where plans.count < count && Self.repeats(candidate.notes) == repeating {
                guard let plan = try? plan(candidate.configuration, candidate.notes),
                    plan.workspaceSize <= mostWorkspace
                else { continue }
                plans.append(plan)
            }
            return plans
        }
        for mode in [Cudnn.HeuristicMode.a, .fallback] {
            for configuration in (try? configurations(mode)) ?? [] {
                guard let notes = try? notes(of: configuration), isAllowed(notes) else { continue }
                candidates.append((configuration, notes))
            }
            let plans = found(repeating: true)
            if !plans.isEmpty { return plans }
        }
        return found(repeating: false)
    }

    /// False for an engine whose results are not reproducible, or whose sums are rounded to 16 bits.
    private static func repeats(_ notes: [Int32]) -> Bool {
        !notes.contains(Cudnn.NumericalNote.nondeterministic.rawValue)
            && !notes.contains(Cudnn.NumericalNote.reducedPrecisionSums.rawValue)
    }

    private func configurations(_ mode: Cudnn.HeuristicMode) throws(CudnnError) -> [CudnnDescriptor] {
        let heuristic = try CudnnDescriptor(target.library, .engineHeuristic)
        try heuristic.set(.heuristicGraph, graph)
        try heuristic.set(.heuristicMode, .heuristicMode, mode.rawValue)
        if let description = target.description { try heuristic.set(.heuristicDeviceProperties, description) }
        try heuristic.finalize()
        var results: [CudnnDescriptor] = []
        for _ in 0..<64 { results.append(try CudnnDescriptor(target.library, .engineConfiguration)) }
        let count = try heuristic.get(.heuristicResults, into: results)
        return Array(results.prefix(count))
    }

    private func notes(of configuration: CudnnDescriptor) throws(CudnnError) -> [Int32] {
        let engine = try CudnnDescriptor(target.library, .engine)
        _ = try configuration.get(.configurationEngine, into: [engine])
        return try engine.numbers(.engineNumericalNotes, .numericalNote)
    }

    /// In float32, no engine that rounds its operands to 16 bits; nor, unless allowed, one that rounds them to TF32, as
    /// all engines that use tensor cores do.
    private func isAllowed(_ notes: [Int32]) -> Bool {
        if problem.dtype != .float32 { return true }
        return !notes.contains(Cudnn.NumericalNote.downConvertsInputs.rawValue)
            && (problem.allowsTF32 || !notes.contains(Cudnn.NumericalNote.tensorCore.rawValue))
    }

    private func plan(_ configuration: CudnnDescriptor, _ notes: [Int32]) throws(CudnnError) -> ConvolutionExecution {
        let plan = try CudnnDescriptor(target.library, .executionPlan)
        try plan.set(.planConfiguration, configuration)
        if let handle = target.handle {
            var handle: cr_dnn_handle? = handle
            try plan.set(.planHandle, .handle, 1, &handle)
        } else if let description = target.description {
            try plan.set(.planDeviceProperties, description)
        }
        try plan.finalize()
        return ConvolutionExecution(
            plan: plan, graph: graph, workspaceSize: Int(try plan.get(.planWorkspaceSize)), notes: notes)
    }
}

/// A plan that is ready to run.
package struct ConvolutionExecution: Sendable {
    let plan: CudnnDescriptor
    /// The graph of the plan, in case cuDNN looks at it again.
    private let graph: CudnnDescriptor
    package let workspaceSize: Int
    /// cudnnBackendNumericalNote_t of its engine.
    package let notes: [Int32]

    init(plan: CudnnDescriptor, graph: CudnnDescriptor, workspaceSize: Int, notes: [Int32]) {
        (self.plan, self.graph, self.workspaceSize, self.notes) = (plan, graph, workspaceSize, notes)
    }
}
