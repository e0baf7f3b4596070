import CCUDA
import CressetBackend

extension CUDABackend {
    /// One launch for every 128 tensors of a type.
    package func unscale(_ tensors: [Operand], by scale: Operand, noting found: Operand) {
        forTables(of: tensors) { table, _, dtype in
            table.scale = UnsafePointer(scale.pointer.assumingMemoryBound(to: Float.self))
            table.found = found.pointer.assumingMemoryBound(to: Float.self)
            launch(scaler("unscale", dtype), grid: Int(table.blocks), block: 256, table)
        }
    }

    package func scale(_ tensors: [Operand], by factor: Operand) {
        forTables(of: tensors) { table, _, dtype in
            table.scale = UnsafePointer(factor.pointer.assumingMemoryBound(to: Float.self))
            table.multiplies = 1
            launch(scaler("unscale", dtype), grid: Int(table.blocks), block: 256, table)
        }
    }

    /// Two launches for every 128 tensors.
    package func sumSquares(_ tensors: [Operand], into sums: Operand) {
        forTables(of: tensors) { table, first, dtype in
            withTemporary(byteCount: Int(table.blocks) * 8) {
                table.partial = $0.assumingMemoryBound(to: Double.self)
                table.sums = sums.pointer.assumingMemoryBound(to: Float.self) + first
                launch(scaler("sum_squares", dtype), grid: Int(table.blocks), block: 256, table)
                launch(scaler("add_squares", dtype), grid: Int(table.count), block: 32, table)
            }
        }
    }

    private func scaler(_ name: StaticString, _ dtype: DType) -> Kernel {
        kernel(.scaler, name, variant: Int(dtype.rawValue), defines: ["ELEMENT=\(dtype.kernelName)"])
    }

    /// Calls `body` with tables of neighbouring tensors of one type, as many as fit into a kernel's parameters, and the
    /// number of the first.
    private func forTables(of tensors: [Operand], _ body: (inout cresset_gradient_table, _ first: Int, DType) -> Void) {
        var first = 0
        while first < tensors.count {
            let dtype = tensors[first].dtype
            var (table, count, blocks) = (cresset_gradient_table(), 0, 0)
            for tensor in tensors[first...].prefix(Int(CRESSET_GRADIENT_TENSORS)).prefix(while: { $0.dtype == dtype }) {
                withUnsafeMutableBytes(of: &table.tensors) {
                    $0.bindMemory(to: Int64.self)[count] = Int64(Int(bitPattern: tensor.pointer))
                }
                withUnsafeMutableBytes(of: &table.counts) {
                    $0.bindMemory(to: Int64.self)[count] = Int64(tensor.elementCount)
                }
                withUnsafeMutableBytes(of: &table.first) { $0.bindMemory(to: Int32.self)[count] = Int32(blocks) }
                count += 1
                // A tensor without elements has a block that finds nothing to do.
                blocks += max((tensor.elementCount + Int(CRESSET_GRADIENT_CHUNK) - 1) / Int(CRESSET_GRADIENT_CHUNK), 1)
            }
            (table.count, table.blocks) = (Int32(count), Int32(blocks))
            body(&table, first, dtype)
            first += count
        }
    }

    package func adaptScale(_ scale: Operand, tracker: Operand, found: Operand, _ rule: ScaleRule) {
        let parameters = cresset_scale_rule(
            scale: scale.pointer.assumingMemoryBound(to: Float.self),
            tracker: tracker.pointer.assumingMemoryBound(to: Int32.self),
            found: UnsafePointer(found.pointer.assumingMemoryBound(to: Float.self)), growth_factor: rule.growthFactor,
            backoff_factor: rule.backoffFactor, growth_interval: Int32(clamping: rule.growthInterval))
        // In the unit that float32 gradients need anyway.
        let kernel = kernel(
            .scaler, "adapt_scale", variant: Int(DType.float32.rawValue),
            defines: ["ELEMENT=\(DType.float32.kernelName)"])
        launch(kernel, grid: 1, block: 32, parameters)
    }
}
