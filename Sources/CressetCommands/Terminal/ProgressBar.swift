import Glibc

/// Progress through a known number of steps: one line that is redrawn on a terminal, a few plain lines elsewhere.
///
///     train  1/3:  62%|██████▏   | 155/250 [00:41<00:25, 3.77it/s, loss=0.412]
///
/// On a terminal the line looks like tqdm's and is drawn at most ten times a second. Elsewhere (a file, a pipe, a
/// scheduler's log) there is one line per tenth of the way, but not more often than every half minute, and never a
/// carriage return: ten lines at most.
///
/// Not safe for concurrent use.
package struct ProgressBar {
    package let title: String
    package let total: Int
    package let terminal: Terminal
    private let now: () -> Double
    private let start: Double
    private var done = 0
    private var lastDrawn: Double
    private var lastTenth = 0
    private var isShown = false

    private static let interactiveInterval = 0.1
    private static let plainInterval = 30.0

    /// A bar for `total` steps that starts now. Nothing is shown before the first update.
    ///
    /// - Parameters:
    ///   - title: The title.
    ///   - total: The number of steps.
    ///   - terminal: The terminal on which it is shown.
    ///   - now: The time in seconds since any fixed moment; replaced in tests.
    package init(
        _ title: String, total: Int, terminal: Terminal = .standardError,
        now: @escaping () -> Double = ProgressBar.monotonicSeconds
    ) {
        self.title = title
        self.total = total
        self.terminal = terminal
        self.now = now
        start = now()
        lastDrawn = terminal.isInteractive ? -.infinity : start
    }

    /// Records that `done` steps are finished; `note` is shown in the brackets, such as `loss=0.412`.
    package mutating func update(to done: Int, note: @autoclosure () -> String = "") {
        self.done = done
        let time = now()
        if terminal.isInteractive {
            guard time - lastDrawn >= Self.interactiveInterval || done >= total else { return }
            lastDrawn = time
            isShown = true
            // The cursor goes to the start of the line, and the rest of a longer previous line is cleared.
            terminal.write("\r" + line(at: time, note: note()) + "\u{1B}[K")
        } else {
            let tenth = total > 0 ? done * 10 / total : 10
            guard tenth > lastTenth, time - lastDrawn >= Self.plainInterval else { return }
            lastTenth = tenth
            lastDrawn = time
            terminal.writeLine(line(at: time, note: note()))
        }
    }

    /// Removes the bar from the terminal, so that a line of results can take its place.
    package mutating func clear() {
        guard isShown else { return }
        isShown = false
        terminal.write("\r\u{1B}[K")
    }

    /// Seconds since the bar was created.
    package var elapsedSeconds: Double { now() - start }

    private func line(at time: Double, note: String) -> String {
        let elapsed = max(time - start, 0)
        let fraction = total > 0 ? min(Double(done) / Double(total), 1) : 1
        let left = done > 0 ? elapsed / Double(done) * Double(max(total - done, 0)) : nil
        var details = "\(Self.clock(elapsed))<\(left.map(Self.clock) ?? "?"), \(Self.rate(done, elapsed))"
        if !note.isEmpty { details += ", " + note }
        let head = "\(title): " + (fraction * 100).fixed(0).leftPadded(to: 3) + "%"
        let tail = " \(done)/\(total) [\(details)]"
        guard terminal.isInteractive else { return head + tail }
        let room = terminal.columns - head.count - tail.count - 3
        guard room > 0 else { return String((head + tail).prefix(max(terminal.columns - 1, 1))) }
        return head + "|" + bar(fraction, width: min(room, 30)) + "|" + tail
    }

    private func bar(_ fraction: Double, width: Int) -> String {
        let steps: [Character] = terminal.usesUnicode ? Array(" ▏▎▍▌▋▊▉█") : Array(" 123456789#")
        let parts = steps.count - 1
        let filled = Int(fraction * Double(width * parts))
        var bar = String(repeating: steps[parts], count: filled / parts)
        if bar.count < width { bar.append(steps[filled % parts]) }
        return bar + String(repeating: " ", count: width - bar.count)
    }

    /// `00:41`, or `1:02:03` from an hour on.
    static func clock(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds < 1e9 else { return "?" }
        let whole = Int(seconds.rounded())
        let (hours, minutes) = (whole / 3600, whole / 60 % 60)
        return hours > 0
            ? "\(hours):\(twoDigits(minutes)):\(twoDigits(whole % 60))"
            : "\(twoDigits(minutes)):\(twoDigits(whole % 60))"
    }

    private static func twoDigits(_ number: Int) -> String { String(number).leftPadded(to: 2, with: "0") }

    private static func rate(_ done: Int, _ elapsed: Double) -> String {
        guard done > 0, elapsed > 0 else { return "?it/s" }
        let rate = Double(done) / elapsed
        return rate >= 1 ? rate.fixed(2) + "it/s" : (1 / rate).fixed(2) + "s/it"
    }

    /// Seconds on a monotonic clock.
    package static func monotonicSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
