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
    times.sort()
    Repeats.current?.note(times)
    return times[times.count / 2]
}

/// The shortest time of several runs, in seconds: what a machine can do while nobody disturbs it.
func shortestSeconds(repeats: Int = 10, _ body: () throws -> Void) rethrows -> Double {
    try body()
    let clock = ContinuousClock()
    var shortest = Double.infinity
    for _ in 0..<repeats { shortest = min(shortest, try clock.measure { try body() }.seconds) }
    return shortest
}
