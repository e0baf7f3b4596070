import Cresset
import Foundation
import Testing

@Suite struct NumberTextTests {
    /// Numbers of all magnitudes, rounded halves, and non-finite values.
    private static let numbers: [Double] = {
        let generator = Generator(seed: 7)
        let random = Generator.$current.withValue(generator) {
            Tensor.integers([2000], in: Int(Int64.min)..<Int(Int64.max)).scalars(as: Int64.self)
        }
        return random.map { Double(bitPattern: UInt64(bitPattern: $0)) }
            + [0, -0.0, 0.5, 1.5, 2.5, 0.125, 0.375, 999.95, 9999.5, 0.00001, 1e300, -1e-300]
            + [.leastNonzeroMagnitude, .pi, 1e15, 123456.5, .infinity, -.infinity, .nan, .greatestFiniteMagnitude]
    }()

    @Test func equalsTheFormatsOfC() {
        for x in Self.numbers {
            for digits in [0, 1, 2, 3, 4, 10] {
                #expect(x.fixed(digits) == String(format: "%.\(digits)f", x))
                #expect(x.scientific(digits) == String(format: "%.\(digits)e", x))
                #expect(x.general(digits) == String(format: "%.\(digits)g", x))
            }
        }
    }

    @Test func padsAndTrims() {
        #expect("7".leftPadded(to: 2, with: "0") == "07" && "123".leftPadded(to: 2) == "123")
        #expect((99.5).fixed(0).leftPadded(to: 3) == String(format: "%3.0f", 99.5))
        #expect(" \t a b \n".trimmed() == "a b" && "\"x\" ".trimmed(["\""]) == "x" && " ".trimmed() == "")
    }
}
