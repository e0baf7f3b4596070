import CressetCPU

/// One request to the CPU's backend: which memory it reads and writes, and how it is made.
struct PlannedCall {
    /// What a plan must know of a request to change it; the rest is in ``make``.
    enum Kind {
        /// It reads the input, the weight, the bias and the addend.
        case convolution(ConvolutionGeometry, Epilogue)
        /// It reads two matrices and the bias.
        case product(Epilogue)
        case maximumPool(WindowGeometry)
        case copy
        case other
    }

    let kind: Kind
    /// The name of the requirement.
    let name: StaticString
    var reads: [Place?]
    var writes: [Place]
    var make: @Sendable (_ reads: [Operand?], _ writes: [Operand]) -> Void

    /// Whether a block of memory is read, written, or both.
    func reads(_ block: Int) -> Bool { reads.contains { $0?.block == block } }
    func writes(_ block: Int) -> Bool { writes.contains { $0.block == block } }
}

/// Where an operand is: in one of a plan's blocks, or, if it is a constant, where it was.
struct Place {
    /// Its type and layout; the pointer is that of a constant.
    var operand: Operand
    /// The number of the block; nil for a constant.
    var block: Int?
    /// Where it begins in the block, in bytes.
    var offset = 0

    /// The operand, where block 0 begins at `base` and the others at `starts` after it.
    func bound(to base: UnsafeMutableRawPointer, _ starts: [Int]) -> Operand {
        guard let block else { return operand }
        var operand = operand
        operand.pointer = base + starts[block] + offset
        operand.storage = nil
        return operand
    }
}
