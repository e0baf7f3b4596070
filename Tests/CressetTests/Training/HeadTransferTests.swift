import Cresset
import CressetNN
import CressetTrain
import Testing

/// What happens to the rows of a head, class by class.
@Suite struct HeadTransferTests {
    /// A head whose row `i` is [start + i, start + i] with the bias start + i.
    private func head(_ count: Int, from start: Float, features: Int = 2) -> StateDict {
        let rows = (0..<count).map { start + Float($0) }
        return [
            "conv1.weight": Tensor.full([3], Double(start)),
            "fc.weight": Tensor(rows.flatMap { [Float](repeating: $0, count: features) }, shape: [count, features]),
            "fc.bias": Tensor(rows),
        ]
    }

    /// A network with the head of ``head(_:from:features:)``.
    private final class Network: ClassificationModel {
        let conv1: Parameter
        var fc: Linear
        var heads: [Head] { [Head(\.fc, of: self)] }

        init(_ state: StateDict) {
            conv1 = Parameter(state["conv1.weight"]!)
            fc = Linear(weight: Parameter(state["fc.weight"]!), bias: Parameter(state["fc.bias"]!))
        }

        func forward(_ x: Tensor) -> Tensor { fc(x * conv1.value) }
    }

    @Test(
        arguments: [
            (["cat", "dog"], ["cat", "dog"], [1, 2], "the same classes"),
            (["cat", "dog"], ["dog", "cat"], [2, 1], "head matched by class name"),
            (["ant", "cat", "dog"], ["cat", "dog"], [2, 3], "head matched by class name"),
            (["cat", "dog"], ["dog", "zebra"], [2, 102], "head kept for dog, new for zebra"),
            (
                ["cat", "dog"], ["bird", "cat", "dog", "eel"], [101, 1, 2, 104],
                "head kept for cat, dog, new for bird, eel"
            ),
            (["cat", "dog"], ["ant", "bee"], [101, 102], "new head, since its classes were cat, dog"),
            (
                ["a", "b", "c", "d", "e", "f"], ["x"], [101], "new head, since its classes were a, b, c, d and 2 more"
            ),
            (nil, ["ant", "bee"], [1, 2], "head as in the file"), (nil, ["ant"], [101], "new head"),
        ] as [([String]?, [String], [Double], String)])
    func rowsFollowTheNames(_ known: [String]?, _ classes: [String], _ rows: [Double], _ remark: String) {
        let count = known?.count ?? 2
        let transfer = HeadTransfer(
            head(count, from: 1), known: known, model: Network(head(classes.count, from: 101)), classes: classes)
        #expect(transfer.remark == remark)
        #expect(transfer.state["fc.bias"]?.scalars(as: Double.self) == rows)
        #expect(transfer.state["fc.weight"]?.scalars(as: Double.self) == rows.flatMap { [$0, $0] })
        #expect(transfer.state["conv1.weight"]?.scalars(as: Double.self) == [1, 1, 1], "the body is untouched")
    }

    @Test func whatIsNoHeadOfItsKindIsLeftAlone() {
        for (state, known) in [
            (head(2, from: 1, features: 3), nil), (["conv1.weight": .zeros([1])], nil), (head(3, from: 1), ["a", "b"]),
        ] as [(StateDict, [String]?)] {
            let transfer = HeadTransfer(state, known: known, model: Network(head(2, from: 101)), classes: ["a", "b"])
            #expect(transfer.remark.isEmpty)
            #expect(transfer.state["fc.bias"]?.shape == state["fc.bias"]?.shape)
        }
    }
}
