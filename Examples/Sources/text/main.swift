// Learns a text character by character, and generates more of it.
//
//     swift run -c release text [FOLDER-OR-FILE] [STEPS]
//
// Given a folder, it reads every Markdown file in it.
import Cresset
import CressetNN
import CressetOptim
import Foundation

let batchSize = 32
let length = 64

/// Predicts the next character: each is looked up as a vector, read by two recurrent layers, and scored.
final class CharacterModel: Module {
    let embedding: Embedding
    let memory: LSTM
    let output: Linear

    init(characters: Int) {
        embedding = Embedding(characters, 64)
        memory = LSTM(64, 256, layers: 2, batchFirst: true)
        output = Linear(256, characters)
    }

    /// (N, T) character indices give (N, T, characters) scores of the character that follows each.
    func callAsFunction(_ x: Tensor, state: LSTMState? = nil) -> (scores: Tensor, state: LSTMState) {
        let (read, next) = memory(embedding(x), state: state)
        return (output(read), next)
    }
}

/// A text as numbers, one for each distinct character.
struct NumberedText {
    let alphabet: [Character]
    let numbers: [Int64]

    init(_ text: String) {
        alphabet = Set(text).sorted()
        let number = Dictionary(uniqueKeysWithValues: alphabet.enumerated().map { ($1, Int64($0)) })
        numbers = text.map { number[$0]! }
    }

    /// Pieces of the text in `range`, each with the same piece one character further.
    func batch(in range: Range<Int>) -> (x: Tensor, y: Tensor) {
        let last = range.upperBound - length
        let starts: [Int64] = Tensor.integers([batchSize], in: range.lowerBound..<last).scalars()
        func pieces(_ shift: Int) -> Tensor {
            Tensor(
                starts.flatMap { numbers[Int($0) + shift..<Int($0) + shift + length] }, shape: [batchSize, length])
        }
        return (pieces(0), pieces(1))
    }
}

func readText(_ path: String) throws -> String {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
        return try String(contentsOfFile: path, encoding: .utf8)
    }
    let files = FileManager.default.enumerator(
        at: URL(fileURLWithPath: path), includingPropertiesForKeys: nil, options: .skipsHiddenFiles)
    let pages = (files?.allObjects ?? []).compactMap { $0 as? URL }.filter { $0.pathExtension == "md" }
    return try pages.sorted { $0.path < $1.path }.map { try String(contentsOf: $0, encoding: .utf8) }.joined()
}

/// Lets the model continue after `beginning`, drawing each character according to its probability.
func write(_ model: CharacterModel, _ text: NumberedText, after beginning: String, count: Int) -> String {
    var x = Tensor(beginning.map { Int64(text.alphabet.firstIndex(of: $0) ?? 0) }, shape: [1, beginning.count])
    var state: LSTMState?
    var written = beginning
    withoutGradients {
        for _ in 0..<count {
            let (scores, next) = model(x, state: state)
            state = next
            // Below 1, likely characters become even more likely.
            let temperature = 0.7
            let chances: [Float] = (scores[0, -1] / temperature).softmax(axis: -1).scalars()
            let choice = Generator.current.multinomial(weights: chances, count: 1)[0]
            written.append(text.alphabet[choice])
            x = Tensor([Int64(choice)], shape: [1, 1])
        }
    }
    return written
}

func loss(_ model: CharacterModel, _ batch: (x: Tensor, y: Tensor)) -> Tensor {
    model(batch.x).scores.flattened(from: 0, to: 1).crossEntropy(batch.y.flattened())
}

func run(path: String, steps: Int) throws {
    Generator.current.manualSeed(1)
    let text = NumberedText(try readText(path))
    let cut = text.numbers.count * 9 / 10
    guard text.numbers.count - cut > 2 * length else {
        print("\(path): a text of \(text.numbers.count) characters is too short")
        exit(1)
    }
    print("\(text.numbers.count) characters, \(text.alphabet.count) distinct; the last tenth is held out")
    let model = CharacterModel(characters: text.alphabet.count)
    print(model.description)
    let optimizer = try Adam(model.parameters, lr: 3e-3)
    var trainLosses: [Double] = []
    var heldOutLosses: [Double] = []
    var recent = 0.0
    let start = Date()
    let interval = 50
    for step in 1...steps {
        let value = loss(model, text.batch(in: 0..<cut))
        var gradients = value.gradients()
        gradients.clip(norm: 1)
        optimizer.step(gradients)
        recent += value.item() / Double(interval)
        guard step % interval == 0 else { continue }
        let heldOut = withoutGradients { loss(model, text.batch(in: cut..<text.numbers.count)).item() }
        trainLosses.append(recent)
        heldOutLosses.append(heldOut)
        print(
            String(
                format: "step %4d  loss %.3f nats per character, held out %.3f  %.0f s", step, recent, heldOut,
                Date().timeIntervalSince(start)))
        recent = 0
    }
    var plot = LinePlot(title: "Text, character by character", x: "step", y: "nats per character")
    plot.add("train", trainLosses, from: Double(interval), step: Double(interval))
    plot.add("held out", heldOutLosses, from: Double(interval), step: Double(interval))
    try plot.write(to: "text-loss.svg")
    print("curve: text-loss.svg\n\n" + write(model, text, after: "The ", count: 400))
}

let arguments = CommandLine.arguments.dropFirst()
do {
    try run(path: arguments.first ?? "..", steps: max(1, arguments.dropFirst().first.flatMap { Int($0) } ?? 500))
} catch {
    FileHandle.standardError.write(Data("error: \(error.localizedDescription)\n".utf8))
    exit(1)
}
