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
        if shape < 1 { return gamma(shape + 1) * pow(1 - uniform(in: 0...1), 1 / shape) }
        let d = shape - 1.0 / 3
        let c = 1 / (9 * d).squareRoot()
        while true {
            let x = normal()
            let v = (1 + c * x) * (1 + c * x) * (1 + c * x)
            if v > 0, log(1 - uniform(in: 0...1)) < 0.5 * x * x + d - d * v + d * log(v) { return d * v }
        }
    }

    /// Positive numbers that add up to 1, from the symmetric Dirichlet distribution.
    package mutating func dirichlet(_ concentration: Double, count: Int) -> [Double] {
        while true {
            let parts = (0..<count).map { _ in gamma(concentration) }
            let sum = parts.reduce(0, +)
            // Tiny concentrations may underflow.
            if sum > 0 { return parts.map { $0 / sum } }
        }
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
