import CressetData

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension SampleRandom {
    /// A number from the standard normal distribution.
    /// - Source: Box and Muller, 1958.
    mutating func normal() -> Double {
        // From (0, 1]: the logarithm of 0 is infinite.
        let radius = (-2 * log(1 - uniform(in: 0...1))).squareRoot()
        return radius * cos(2 * .pi * uniform(in: 0...1))
    }

    /// A number from the gamma distribution with the given shape and scale 1.
    /// - Source: Marsaglia and Tsang, *A Simple Method for Generating Gamma Variables*, 2000.
    mutating func gamma(_ shape: Double) -> Double {
        precondition(shape >= 1)
        let d = shape - 1.0 / 3
        let c = 1 / (9 * d).squareRoot()
        while true {
            let x = normal()
            let v = (1 + c * x) * (1 + c * x) * (1 + c * x)
            if v > 0, log(1 - uniform(in: 0...1)) < 0.5 * x * x + d - d * v + d * log(v) { return d * v }
        }
    }

    /// The logarithm of a number from the gamma distribution; the number itself may be too small.
    private mutating func logGamma(_ shape: Double) -> Double {
        shape < 1 ? log(gamma(shape + 1)) + log(1 - uniform(in: 0...1)) / shape : log(gamma(shape))
    }

    /// Numbers from 0 to 1 that add up to 1, from the symmetric Dirichlet distribution.
    package mutating func dirichlet(_ concentration: Double, count: Int) -> [Double] {
        let logarithms = (0..<count).map { _ in logGamma(concentration) }
        let largest = logarithms.max() ?? 0
        let parts = logarithms.map { exp($0 - largest) }
        let sum = parts.reduce(0, +)
        return parts.map { $0 / sum }
    }

    /// 0 up to `count` in random order, all orders equally likely.
    mutating func order(_ count: Int) -> [Int] {
        var order = Array(0..<count)
        for i in order.indices.dropLast() { order.swapAt(i, i + integer(below: count - i)) }
        return order
    }

    /// A number from the symmetric beta distribution.
    package mutating func beta(_ concentration: Double) -> Double { dirichlet(concentration, count: 2)[0] }
}
