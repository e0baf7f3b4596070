// The scores of networks of the zoo beside PyTorch's: reads what zoo_logits.py left in a folder, computes with direct
// convolutions and with Winograd's algorithm, and writes both beside it.
import CressetVision
import Glibc

guard CommandLine.arguments.count == 2 else { fatalError("usage: zoo-logits FOLDER") }
let folder = CommandLine.arguments[1]
while let name = readLine() {
    let model = try ModelZoo.make(name).eval()
    try model.load(Checkpoint.load("\(folder)/\(name).pth"))
    let x = try Checkpoint.load("\(folder)/\(name)-pictures.pth")["pictures"]!
    var scores = StateDict()
    for (key, usesWinograd) in [("direct", false), ("winograd", true)] {
        CPU.usesWinograd = usesWinograd
        scores[key] = withoutGradients { model(x) }
        // As in training, where weights are not kept in a layout of their own.
        scores["\(key), recorded"] = model(x).detached()
    }
    try Checkpoint.save(scores, to: "\(folder)/\(name)-scores.pth")
    print(name)
    fflush(nil)
}
