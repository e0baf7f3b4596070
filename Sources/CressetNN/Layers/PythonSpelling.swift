// Values as Python prints them, for descriptions identical to PyTorch's.

extension Bool {
    var python: String { self ? "True" : "False" }
}

extension Double {
    /// Whole numbers without a decimal point: options such as a norm's order are given as integers.
    var pythonNumber: String { self == rounded() && abs(self) < 1e15 ? "\(Int(self))" : "\(self)" }
}

extension Optional {
    var python: String { map { "\($0)" } ?? "None" }
}

extension Collection {
    /// `(3, 4)`, and `(3,)` for one.
    var pythonTuple: String { "(" + map { "\($0)" }.joined(separator: ", ") + (count == 1 ? ",)" : ")") }
}
