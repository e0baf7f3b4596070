import CressetBackend

/// What a block of memory was allocated for, to be named where there is too little.
enum MemoryUse: CustomStringConvertible {
    case tensor(Shape, DType)
    /// What a kernel needs while it runs, such as partial sums or an operand in another order.
    case kernels
    case cudnn
    case cublasLt
    /// Batches on their way from pinned memory.
    case uploads
    /// What a recorded step reads afresh at each replay.
    case recordedNumbers

    var description: String {
        switch self {
        case .tensor(let shape, let dtype): "\(dtype) \(shape)"
        case .kernels: "temporary memory of kernels"
        case .cudnn: "workspace of cuDNN"
        case .cublasLt: "workspace of cuBLASLt"
        case .uploads: "buffer for uploads"
        case .recordedNumbers: "numbers of a recorded step"
        }
    }
}

extension CUDABackend {
    /// Ends the program because `byteCount` bytes for `use` were not available, and says what the rest is used for.
    func outOfMemory(_ byteCount: Int, for use: MemoryUse) -> Never {
        let statistics = memory.statistics
        var (available, total) = (0, 0)
        _ = driver.cuMemGetInfo_v2(&available, &total)
        let (largest, recorded) = summary(10)
        let users = largest.isEmpty ? "" : "; the largest allocations are \(largest.joined(separator: ", "))"
        let cached = statistics.reserved - statistics.inUse - recorded
        OutOfMemory.end(
            """
            cuda:\(ordinal): cannot allocate \(Self.text(byteCount)) for \(use): of \(properties.name)'s \
            \(Self.text(total)) of memory, \(Self.text(statistics.inUse)) are in use, \(Self.text(cached)) cached \
            \(isCapturing ? "but not for the step being recorded" : "in pieces too small"), \(recorded == 0 ? "" : "\(Self.text(recorded)) reserved by recorded steps, ")\
            \(Self.text(available)) free\(users)
            """,
            hint: "a smaller batch, smaller pictures or bfloat16 need less"
                + (isCapturing ? "; a step that is not recorded (records: false) keeps none" : ""))
    }

    /// What most of the memory is used for, blocks alike together, most memory first: `10 x float32 [64, 256, 56, 56] (196 MiB)`; and the
    /// bytes that are free but will be written to when recorded work runs again.
    private func summary(_ count: Int) -> (largest: [String], recorded: Int) {
        var groups: [String: (total: Int, count: Int)] = [:]
        var recorded = 0
        memory.forEachBlock { block, isRecorded in
            if block.isFree {
                if isRecorded { recorded += block.size }
                return
            }
            let name = "\(block.use) (\(Self.text(block.size))\(isRecorded ? ", in a recorded step" : ""))"
            let group = groups[name] ?? (0, 0)
            groups[name] = (group.total + block.size, group.count + 1)
        }
        let sorted = groups.sorted { ($0.value.total, $1.key) > ($1.value.total, $0.key) }
        return (sorted.prefix(count).map { "\($0.value.count) x \($0.key)" }, recorded)
    }

    private static func text(_ bytes: Int) -> String {
        bytes < 1 << 20 ? "\((bytes + 1023) >> 10) KiB" : "\((bytes + (1 << 20) - 1) >> 20) MiB"
    }
}
