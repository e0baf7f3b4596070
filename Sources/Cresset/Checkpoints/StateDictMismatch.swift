import CressetBackend

extension StateDict {
    /// How the entries of a file differ from those that a model needs.
    ///
    /// Its description is one line that counts them and a table of all, of which the first forty are shown.
    public struct Mismatch: ExplainedError, Sendable {
        /// An entry that the model needs and the file lacks.
        public struct Missing: Sendable, Hashable {
            public let name: String
            public let shape: Shape
            /// A name in the file that the model does not need and that looks like a misspelling of this one.
            public let suggestion: String?
        }

        /// An entry of the file that the model does not have.
        public struct Unexpected: Sendable, Hashable {
            public let name: String
            public let shape: Shape
        }

        /// An entry whose shape in the file differs from the model's.
        public struct Reshaped: Sendable, Hashable {
            public let name: String
            public let expected: Shape
            public let found: Shape
        }

        /// What the model needs and the file lacks, in the model's order.
        public internal(set) var missing: [Missing] = []
        /// What the file has and the model does not, in the file's order.
        public internal(set) var unexpected: [Unexpected] = []
        /// Entries with a different shape, in the model's order.
        public internal(set) var reshaped: [Reshaped] = []
        /// The number of the model's entries that the file has.
        private var fittingCount = 0

        /// Whether everything fits.
        public var isEmpty: Bool { missing.isEmpty && unexpected.isEmpty && reshaped.isEmpty }

        /// The differences between the entries of `model` and those of `file`, comparing names literally.
        public init(model: StateDict, file: StateDict) {
            let modelNames = Set(model.keys)
            unexpected = file.filter { !modelNames.contains($0.name) }.map {
                Unexpected(name: $0.name, shape: $0.tensor.shape)
            }
            for (name, tensor) in model {
                guard let found = file[name] else {
                    missing.append(Missing(name: name, shape: tensor.shape, suggestion: nil))
                    continue
                }
                if found.shape != tensor.shape {
                    reshaped.append(Reshaped(name: name, expected: tensor.shape, found: found.shape))
                } else {
                    fittingCount += 1
                }
            }
            suggestNames()
        }

        /// Finds for each missing name the nearest unexpected one of the same shape.
        private mutating func suggestNames() {
            // Quadratic work is acceptable for a few misspellings, but not for another architecture.
            guard missing.count * unexpected.count <= 40_000 else { return }
            missing = missing.map { entry in
                let nearest = unexpected.filter { $0.shape == entry.shape }
                    .map { (name: $0.name, distance: editDistance(entry.name, $0.name)) }
                    .min { $0.distance < $1.distance }
                guard let nearest, nearest.distance <= Swift.max(3, entry.name.utf8.count / 2) else { return entry }
                return Missing(name: entry.name, shape: entry.shape, suggestion: nearest.name)
            }
        }

        public var explanation: Explanation {
            let counts = [
                (missing.count, "missing"), (unexpected.count, "unexpected"), (reshaped.count, "of another shape"),
            ]
            let summary = counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
            let rows = table(limit: isAnotherModel ? 3 : 40)
            return Explanation(
                (["the weights do not fit the model: \(summary)"] + rows).joined(separator: "\n"), hint: hint)
        }

        /// Whether the differences are so many that the weights must belong to another model.
        public var isAnotherModel: Bool {
            let lacking = missing.count + reshaped.count
            return lacking > 10 && (unexpected.count + reshaped.count > 10 || lacking > fittingCount)
        }

        /// The differences as lines of aligned columns: name, shape in the model, shape in the file.
        ///
        /// - Parameter limit: The maximum number of rows; further ones are counted in a last line.
        public func table(limit: Int = .max) -> [String] {
            var rows: [(name: String, model: String, file: String)] = []
            for entry in reshaped { rows.append((entry.name, "\(entry.expected)", "\(entry.found)")) }
            for entry in missing {
                let suggestion = entry.suggestion.map { " (did you mean \(printable($0))?)" } ?? ""
                rows.append((entry.name, "\(entry.shape)", "missing" + suggestion))
            }
            for entry in unexpected { rows.append((entry.name, "not there", "\(entry.shape)")) }
            let hidden = Swift.max(0, rows.count - limit)
            rows = [("name", "model", "file")] + rows.prefix(limit).map { (printable($0.name), $0.model, $0.file) }
            let nameWidth = rows.map(\.name.count).max() ?? 0
            let modelWidth = rows.map(\.model.count).max() ?? 0
            let lines = rows.map {
                "  \($0.name.rightPadded(to: nameWidth))  \($0.model.rightPadded(to: modelWidth))  \($0.file)"
            }
            return hidden == 0 ? lines : lines + ["  … and \(hidden) more"]
        }

        private var hint: String? {
            let heads = Set(reshaped.map { $0.name.split(separator: ".").dropLast().joined(separator: ".") })
            if missing.isEmpty, unexpected.isEmpty, heads.count == 1, let head = heads.first {
                let from = reshaped[0].found.first ?? 0
                let to = reshaped[0].expected.first ?? 0
                return
                    "only \(head) differs (\(from) classes in the file, \(to) in the model): load the weights into a "
                    + "model of \(from) classes and replace \(head) afterwards"
            }
            return isAnotherModel ? "these are the weights of another model" : nil
        }
    }

    /// The entries of this state dict, from a file, as `model` needs them: with its names, in its order.
    ///
    /// The prefixes of wrappers, such as `module.`, are removed if the model has none. Counters that old files lack
    /// (`num_batches_tracked`) are taken from the model, and a scalar saved with shape `[1]` is accepted.
    ///
    /// - Throws: ``Mismatch`` with everything missing, unexpected or of a different shape.
    public func fitted(to model: StateDict) throws(Mismatch) -> StateDict {
        let file = strippingWrapperPrefixes(for: model)
        var result = StateDict()
        for (name, tensor) in model {
            if let found = file[name] {
                let isOldScalar = tensor.shape.isEmpty && found.shape == [1]
                result[name] = isOldScalar ? found.reshaped([]) : found
            } else if name.hasSuffix("num_batches_tracked") {
                result[name] = tensor
            }
        }
        for (name, tensor) in file where model[name] == nil { result[name] = tensor }
        let mismatch = Mismatch(model: model, file: result)
        guard mismatch.isEmpty else { throw mismatch }
        return result
    }
}
