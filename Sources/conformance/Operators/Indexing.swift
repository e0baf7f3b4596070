import Cresset

extension OperatorTable {
    /// Elements by number.
    mutating func addIndexing() {
        add("gather", "x.gather(axis: axis, indices: indices)") {
            try $0.x.gather(axis: $0.int(1, "dim"), indices: $0.tensor(2, "index"))
        }
        add("scatter_add", "x.scatterAdd(axis: axis, indices: indices, source)") {
            try $0.x.scatterAdd(axis: $0.int(1, "dim"), indices: $0.tensor(2, "index"), $0.tensor(3, "src"))
        }
        add("index_select", "x.indexSelect(axis: axis, indices: indices)") {
            try $0.x.indexSelect(axis: $0.int(1, "dim"), indices: $0.tensor(2, "index"))
        }
    }
}
