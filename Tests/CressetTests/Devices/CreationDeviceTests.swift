import CressetNN
import Testing

/// Everything that a layer owns is made on the device that is current when the layer is, and stays there when it is
/// initialised anew.
@Suite struct CreationDeviceTests {
    private static let layers: [@Sendable () -> any Module] = [
        { BatchNorm1d(2) }, { BatchNorm3d(2) }, { InstanceNorm2d(2, affine: true, tracksRunningStatistics: true) },
        { GroupNorm(2, 4) }, { RMSNorm([3]) }, { LayerNorm2d(2) },
        { AdaptiveLogSoftmaxWithLoss(4, classes: 6, cutoffs: [2, 4]) },
        { RNN(2, 3) }, { TransformerEncoder(TransformerOptions(4, heads: 2, feedForward: 4), layers: 1) },
        { TransformerDecoder(TransformerOptions(4, heads: 2, feedForward: 4), layers: 1) },
    ]

    @Test func layersAreMadeOnTheCurrentDevice() throws {
        var names: Set<String> = []
        for make in InitialWeightTests.Drawn.layers.map(\.make) + Self.layers {
            let module = withDevice(.guarded) { Generator.$current.withValue(Generator(seed: 1)) { make() } }
            let name = "\(type(of: module))"
            names.insert(String(name.prefix { $0 != "<" }))
            for parameter in module.parameters {
                #expect(parameter.device == .guarded, "a parameter of \(name)")
                let elements: [Double] = parameter.value.detached().to(.cpu).scalars()
                #expect(elements.allSatisfy { $0.isFinite })
            }
            for (key, value) in module.stateDict() { #expect(value.device == .guarded, "\(key) of \(name)") }
        }
        // A layer that is new has to be added above.
        for file in try SourceText.files(in: "Sources/CressetNN/Layers") {
            let classes = String(decoding: file.code, as: UTF8.self).split(separator: "public final class ").dropFirst()
            for text in classes where text.contains("Parameter(") || text.contains(": Parameter") {
                let name = String(text.prefix { $0.isLetter || $0.isNumber })
                #expect(names.contains(name), "\(name) has parameters and is not tested here")
            }
        }
    }

    @Test(arguments: InitialWeightTests.Way.all) func initialisersKeepTheDevice(_ way: InitialWeightTests.Way) {
        let parameter = Parameter(.zeros(way.shape, device: .guarded))
        Generator.$current.withValue(Generator(seed: 5)) { way.draw(parameter) }
        #expect(parameter.device == .guarded)
    }
}
