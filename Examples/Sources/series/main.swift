// Predicts a signal: an LSTM reads it value by value and predicts the next one; then it continues on its own.
//
//     swift run -c release series [STEPS]
import Cresset
import CressetNN
import CressetOptim
import Foundation

let batchSize = 32
let length = 100

/// Reads a signal and predicts, after each value, the next one.
final class Forecaster: Module {
    let memory = LSTM(1, 64, batchFirst: true)
    let output = Linear(64, 1)

    /// (N, T, 1) gives (N, T, 1).
    func callAsFunction(_ x: Tensor, state: LSTMState? = nil) -> (next: Tensor, state: LSTMState) {
        let (read, state) = memory(x, state: state)
        return (output(read), state)
    }
}

/// Two oscillations, one of which grows and fades, with a little noise.
func makeSignal(count: Int, noise: Double) -> [Float] {
    let disturbance: [Float] = Tensor.normal([count]).scalars()
    return (0..<count).map { time in
        let t = Double(time)
        let slow = sin(2 * .pi * t / 50)
        let fast = sin(2 * .pi * t / 13) * (0.5 + 0.3 * sin(2 * .pi * t / 170))
        return Float(0.6 * slow + 0.5 * fast + noise * Double(disturbance[time]))
    }
}

/// Random pieces of the signal, each with the same piece one step further.
func batch(_ signal: ArraySlice<Float>) -> (x: Tensor, y: Tensor) {
    let starts: [Int64] = Tensor.integers([batchSize], in: signal.startIndex..<signal.endIndex - length).scalars()
    func pieces(_ shift: Int) -> Tensor {
        let values = starts.flatMap { signal[Int($0) + shift..<Int($0) + shift + length] }
        return Tensor(values, shape: [batchSize, length, 1])
    }
    return (pieces(0), pieces(1))
}

/// Reads `past`, then continues for `count` steps with its own forecasts as input.
func forecast(_ model: Forecaster, after past: ArraySlice<Float>, count: Int) -> [Float] {
    withoutGradients {
        var (next, state) = model(Tensor(Array(past), shape: [1, past.count, 1]))
        var values: [Float] = []
        for _ in 0..<count {
            let value = next[0, -1, 0]
            values.append(Float(value.item()))
            (next, state) = model(value.reshaped([1, 1, 1]), state: state)
        }
        return values
    }
}

func run(steps: Int) throws {
    Generator.current.manualSeed(1)
    let signal = makeSignal(count: 3000, noise: 0.02)
    let (past, future) = (signal[..<2800], signal[2800...])
    let model = Forecaster()
    print(model.description)
    let optimizer = try Adam(model.parameters, lr: 5e-3)
    let scheduler = Scheduler(optimizer, CosineAnnealingLR(tMax: steps))
    var losses: [Double] = []
    let interval = max(1, steps / 20)
    var recent = 0.0
    for step in 1...steps {
        let (x, y) = batch(past)
        let loss = (model(x).next - y).squared().mean()
        var gradients = loss.gradients()
        gradients.clip(norm: 1)
        optimizer.step(gradients)
        scheduler.step()
        recent += loss.item() / Double(interval)
        guard step % interval == 0 else { continue }
        losses.append(recent)
        print(String(format: "step %4d  mean squared error %.5f", step, recent))
        recent = 0
    }

    // One step ahead on unseen values, compared with the guess that nothing changes.
    let whole = Tensor(Array(signal[2700...].dropLast()), shape: [1, 299, 1])
    let (said, _) = withoutGradients { model(whole) }
    let ahead: [Float] = said.scalars()
    let errors = (100..<299).map { pow(Double(ahead[$0] - signal[2701 + $0]), 2) }
    let standstill = (100..<299).map { pow(Double(signal[2700 + $0] - signal[2701 + $0]), 2) }
    print(
        String(
            format: "unseen values: mean squared error %.5f one step ahead; %.5f if nothing changed; noise alone %.5f",
            errors.reduce(0, +) / 199, standstill.reduce(0, +) / 199, 0.02 * 0.02))

    let own = forecast(model, after: past.suffix(300), count: future.count)
    let far = zip(own, future).map { pow(Double($0 - $1), 2) }
    print(
        String(
            format: "on its own: mean squared error %.4f over the next 50 steps, %.4f over %d",
            far.prefix(50).reduce(0, +) / 50, far.reduce(0, +) / Double(far.count), far.count))
    var lossPlot = LinePlot(title: "A signal, one step ahead", x: "step", y: "mean squared error")
    lossPlot.add("train", losses, from: Double(interval), step: Double(interval))
    try lossPlot.write(to: "series-loss.svg")
    var plot = LinePlot(title: "A predicted signal", x: "time", y: "value")
    plot.add("signal", signal[2700...].map(Double.init), from: 2700)
    plot.add("forecast", own.map(Double.init), from: 2800)
    try plot.write(to: "series-forecast.svg")
    print("curves: series-loss.svg, series-forecast.svg")
}

do {
    try run(steps: max(1, CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 400))
} catch {
    FileHandle.standardError.write(Data("error: \(error)\n".utf8))
    exit(1)
}
