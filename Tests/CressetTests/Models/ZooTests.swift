import CressetNN
import CressetVision
import Foundation
import Testing

/// The networks of the zoo beside torchvision's.
@Suite struct ZooTests {
    /// A row of the fixture that `scripts/zoo-fixtures` writes.
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let parameters, entries: Int
        let digest: String
        var testDescription: String { name }

        static let all: [Row] = {
            let fixture = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .appending(path: "Fixtures/models/state-dicts.txt")
            let text = (try? String(contentsOf: fixture, encoding: .utf8)) ?? ""
            return text.split(separator: "\n").map { line in
                let cells = line.split(separator: " ").map(String.init)
                return Row(name: cells[0], parameters: Int(cells[1])!, entries: Int(cells[2])!, digest: cells[3])
            }
        }()
    }

    @Test func everyNetworkOfTorchvisionIsThere() {
        #expect(Row.all.count == 85)
        #expect(Set(ModelZoo.names) == Set(Row.all.map(\.name)))
        #expect(Set(ModelZoo.names).count == ModelZoo.names.count)
        #expect(Set(PretrainedWeights.all.map(\.model)).isSubset(of: ModelZoo.names))
    }

    @Test(arguments: Row.all)
    func entriesHaveTorchvisionsNamesShapesAndTypes(_ row: Row) throws {
        let model = try withoutInitialValues { try ModelZoo.make(row.name) }
        let state = model.stateDict()
        #expect(model.parameterCount == row.parameters)
        #expect(state.count == row.entries)
        var digest: UInt64 = 0xCBF2_9CE4_8422_2325
        for (name, tensor) in state {
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            for byte in "\(name) \(shape) \(tensor.dtype.name)\n".utf8 {
                digest = (digest ^ UInt64(byte)) &* 0x100_0000_01B3
            }
        }
        #expect(String(digest, radix: 16).leftPadded(to: 16) == row.digest)
    }

    @Test(arguments: ModelZoo.names)
    func everyHeadIsFoundAndReplaced(_ name: String) throws {
        let model = try withoutInitialValues { try ModelZoo.make(name) }
        #expect(model.heads.allSatisfy { $0.classCount == 1000 })
        let old = Set(model.heads.map(\.name))
        withoutInitialValues { model.replaceHeads(classes: 3) }
        #expect(model.classCount == 3)
        #expect(Set(model.heads.map(\.name)) == old)
        let state = model.stateDict()
        #expect(state.filter { $0.tensor.shape.first == 1000 }.isEmpty)
        #expect(old.allSatisfy { state["\($0).weight"]?.shape.first == 3 })
        model.freezeBody()
        let trained = model.namedParameters.filter(\.parameter.requiresGradient).map(\.name)
        #expect(trained.allSatisfy { name in old.contains { name.hasPrefix($0 + ".") } })
    }

    /// Small networks that a forward pass takes little time for.
    @Test(arguments: [
        ("mobilenet_v2", 33), ("mobilenet_v3_small", 40), ("efficientnet_lite0", 49), ("efficientnet_b0", 32),
        ("mnasnet0_5", 32), ("shufflenet_v2_x0_5", 32), ("regnet_x_400mf", 32), ("regnet_y_400mf", 37),
        ("densenet121", 29), ("googlenet", 32), ("inception_v3", 75), ("swin_t", 60), ("swin_v2_t", 70),
        ("convnext_tiny", 32),
    ])
    func picturesOfUnusualSizesAreTaken(_ name: String, _ side: Int) throws {
        let model = try withoutInitialValues { try ModelZoo.make(name, classes: 5) }
        model.fillWithWaves()
        let x = Tensor.normal([1, 3, side, side + 6], generator: Generator(seed: 2))
        let scores = withoutGradients { model.eval()(x) }
        #expect(scores.shape == [1, 5])
        #expect(scores.isFinite().all().item(as: Bool.self))
    }
}

extension String {
    fileprivate func leftPadded(to length: Int) -> String {
        String(repeating: "0", count: max(0, length - count)) + self
    }
}
