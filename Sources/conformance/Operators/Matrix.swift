import Cresset

extension OperatorTable {
    /// Products of matrices and vectors.
    mutating func addMatrix() {
        tolerance = .accumulated
        add("matmul", "x.matmul(y)") { try $0.x.matmul($0.y) }
        add("mm", "x.matmul(y)") { try $0.x.matmul($0.tensor(1, "mat2")) }
        add("bmm", "x.matmul(y)") { try $0.x.matmul($0.tensor(1, "mat2")) }
        add("mv", "x.matmul(y)") { try $0.x.matmul($0.tensor(1, "vec")) }
        add("dot", "x.matmul(y)") { try $0.x.matmul($0.y) }
        add("nn.functional.linear", "x.linear(weight: weight, bias: bias)") {
            try $0.x.linear(weight: $0.tensor(1, "weight"), bias: $0.tensorIfAny(2, "bias"))
        }
        tolerance = .elementwise
    }
}
