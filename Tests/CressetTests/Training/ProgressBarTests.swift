import CressetCommands
import CressetTrain
import Synchronization
import Testing

/// Collects what would go to a terminal, together with a clock that the test sets.
private final class Screen: Sendable {
    private let text = Mutex("")
    private let seconds = Mutex(0.0)

    var shown: String { text.withLock { $0 } }
    func terminal(isInteractive: Bool, usesUnicode: Bool = true) -> Terminal {
        Terminal(isInteractive: isInteractive, usesUnicode: usesUnicode, columns: 80) { piece in
            self.text.withLock { $0 += piece }
        }
    }
    func time() -> Double { seconds.withLock { $0 } }
    func wait(_ duration: Double) { seconds.withLock { $0 += duration } }
}

@Suite struct ProgressBarTests {
    @Test func drawsOneLineAgainOnATerminal() {
        let screen = Screen()
        var bar = ProgressBar(
            "train  1/3", total: 250, terminal: screen.terminal(isInteractive: true), now: screen.time)
        screen.wait(41)
        bar.update(to: 155, note: "loss=0.412")
        #expect(
            screen.shown.contains("train  1/3:  62%|██████"), "shows the share and a bar: \(screen.shown)")
        #expect(screen.shown.contains("155/250 [00:41<00:25, 3.78it/s, loss=0.412]"))
        #expect(!screen.shown.contains("\n"))
        bar.clear()
        #expect(screen.shown.hasSuffix("\r\u{1B}[K"))
    }

    @Test func fitsTheTerminalAndItsCharacters() {
        let screen = Screen()
        var bar = ProgressBar(
            "val", total: 10, terminal: screen.terminal(isInteractive: true, usesUnicode: false), now: screen.time)
        screen.wait(1)
        bar.update(to: 5)
        #expect(screen.shown.contains("val:  50%|#####"))
        #expect(screen.shown.allSatisfy { $0.isASCII })
        #expect(screen.shown.count < 80 + 5)
    }

    @Test func drawsAtMostTenTimesASecond() {
        let screen = Screen()
        var bar = ProgressBar("x", total: 1000, terminal: screen.terminal(isInteractive: true), now: screen.time)
        for step in 1...500 {
            screen.wait(0.001)
            bar.update(to: step)
        }
        #expect(screen.shown.count { $0 == "\r" } <= 6)
    }

    @Test func writesFewPlainLinesElsewhere() {
        let screen = Screen()
        var bar = ProgressBar(
            "train", total: 100_000, terminal: screen.terminal(isInteractive: false), now: screen.time)
        for step in 1...100_000 {
            screen.wait(0.1)
            bar.update(to: step)
        }
        bar.clear()
        let lines = screen.shown.split(separator: "\n")
        #expect(lines.count == 10)
        #expect(lines[0] == "train:  10% 10000/100000 [16:40<2:30:00, 10.00it/s]")
        #expect(!screen.shown.contains("\r"))
        #expect(!screen.shown.contains("\u{1B}"))
    }

    @Test func saysNothingOfShortWorkElsewhere() {
        let screen = Screen()
        var bar = ProgressBar("train", total: 10, terminal: screen.terminal(isInteractive: false), now: screen.time)
        for step in 1...10 {
            screen.wait(1)
            bar.update(to: step)
        }
        #expect(screen.shown.isEmpty)
    }

    @Test func coloursFollowTheEnvironment() {
        func usesColor(_ environment: [String: String]) -> Bool {
            Terminal(descriptor: -1, environment: environment).usesColor
        }
        #expect(!usesColor([:]), "nobody is watching")
        #expect(usesColor(["FORCE_COLOR": "1"]))
        #expect(!usesColor(["FORCE_COLOR": "1", "NO_COLOR": "1"]))
        #expect(usesColor(["FORCE_COLOR": "1", "NO_COLOR": ""]), "empty is not set")
    }
}
