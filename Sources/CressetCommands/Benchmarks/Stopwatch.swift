import Cresset
import CressetTrain
import Glibc

/// The median time of a piece of work, in seconds.
///
/// First runs it `warmUp` times without counting, so that memory is touched and kernels are compiled.
func medianSeconds(repeats: Int = 5, warmUp: Int = 2, _ body: () throws -> Void) rethrows -> Double {
    for _ in 0..<warmUp { try body() }
    let clock = ContinuousClock()
    var times: [Double] = []
    for _ in 0..<max(1, repeats) {
        let time = try clock.measure { try body() }
        times.append(time.seconds)
    }
    return times.sorted()[times.count / 2]
}
