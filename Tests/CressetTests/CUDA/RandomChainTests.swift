import Cresset
import Foundation
import Testing

/// Random programs of pointwise operators, whose tensors are dropped at random times, viewed, and changed in place.
@Suite struct RandomChainTests {
    /// A small repeatable source of choices.
    private struct Choices {
        var state: UInt64

        mutating func next(_ count: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(count))
        }
    }

    private static func inputs(on device: Device, seed: UInt64) -> [Tensor] {
        let generator = Generator(seed: seed)
        func normal(_ shape: Shape) -> Tensor { Tensor.normal(shape, generator: generator).to(device) }
        return [
            normal([6, 8]), normal([6, 8]), normal([6, 8]).to(.bfloat16), normal([6, 8]).to(.bfloat16), normal([8]),
            normal([6, 1]), normal([]), (normal([6, 8]) * 5).to(.int32), normal([6, 8]) .> 0,
        ]
    }

    /// Arithmetic is not for bool.
    private static func numbers(_ x: Tensor) -> Tensor { x.dtype == .bool ? x.to(.float32) : x }

    /// The tensors that are left at the end.
    private static func run(_ seed: UInt64, _ inputs: [Tensor]) -> [Tensor] {
        var choices = Choices(state: seed &* 0x9E37_79B9_7F4A_7C15 &+ 1)
        var pool = inputs
        for _ in 0..<6 + choices.next(20) {
            let (i, j) = (choices.next(pool.count), choices.next(pool.count))
            let (x, y) = (numbers(pool[i]), numbers(pool[j]))
            switch choices.next(20) {
            case 0: pool.append(x + y)
            case 1: pool.append(x * y)
            case 2: pool.append(x - y)
            case 3: pool.append(x.maximum(y))
            case 4: pool.append(x.abs())
            case 5: pool.append(-x.to(.float32))
            case 6: pool.append(x.relu())
            case 7: pool.append(Tensor.select(pool[j].to(.bool), x, y))
            case 8: pool.append(x .>= y)
            case 9: pool.append(x.to(.bfloat16))
            case 10: pool.append(x.to(.float32) * 0.5 + 1)
            case 11: pool.append(x.to(.float32).tanh())
            case 12: pool.append(x.to(.int32))
            // Changed in place if nothing else holds it.
            case 13, 14:
                pool[i] = pool[pool.count - 1]
                pool.removeLast()
                var own = x.to(.float32) + 0
                own += y.to(.float32).rank == 2 && y.shape == own.shape ? y.to(.float32) : own
                own *= 0.75
                pool.append(own)
            // Views, and operators of other kinds that read them.
            case 15 where x.rank == 2 && x.shape == [6, 8]: pool.append(x.reshaped([8, 6]).reshaped([6, 8]))
            case 16 where x.shape == [6, 8]: pool.append(x.transposed(0, 1).contiguous().reshaped([6, 8]))
            case 17 where x.shape == [6, 8]: pool.append(x.narrowed(axis: 0, start: 2, count: 1).reshaped([8]) * 2)
            case 18 where x.dtype == .float32 && x.shape == [6, 8]: pool.append(x.sum(axes: [1], keepsAxes: true))
            default:
                if pool.count > 4 { pool.remove(at: i) }
            }
            if pool.count > 14 { pool.remove(at: choices.next(pool.count)) }
        }
        return pool
    }

    /// Each program needs a few kernels, which are compiled when the test runs for the first time: 200 take minutes then.
    private static var programs: Range<UInt64> {
        0..<(ProcessInfo.processInfo.environment["CRESSET_CHAIN_PROGRAMS"].flatMap { UInt64($0) } ?? 4)
    }

    @Test(arguments: FakeMode.allCases) func programsHaveTheSameBits(_ mode: FakeMode) async {
        await #expect(processExitsWith: .success) { [mode] in
            let device = try mode.device()
            for seed in Self.programs {
                RecordedBits.expectSame("program \(seed)", on: device, Self.inputs(on: device, seed: seed)) { inputs in
                    withoutGradients { Self.run(seed, inputs) }
                }
            }
        }
    }
}
