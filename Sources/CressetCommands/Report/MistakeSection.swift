import Cresset
import CressetTrain

extension RunReport {
    /// The worst mistakes, with what the network went by.
    var mistakeSection: HTML {
        guard let evaluation, !album.worst.isEmpty else { return "" }
        let mistakes = album.worst.filter { !$0.picture.isCorrect }
        let near = album.worst.filter(\.picture.isCorrect)
        let hasHeat = album.worst.contains { $0.heat != nil }
        let total = evaluation.mistakes.count
        let toggle: HTML =
            hasHeat
            ? """
            <input type="checkbox" id="heat"><label for="heat">Show what speaks for the answer (Grad-CAM)</label>

            """ : ""
        let legend: HTML =
            hasHeat
            ? "<p class=\"muted heat-only\">Light places raised the score of the class that the network answered most.</p>\n"
            : ""
        let worst: HTML =
            mistakes.isEmpty
            ? ""
            : """
            <p class="muted">\(mistakes.count < total ? "\(mistakes.count) of \(total.counted("mistake"))" : total.counted("mistake")), \
            those with the highest loss first. Pictures are shown as the network sees them.</p>
            <div class="pictures">\(mistakes.map { figure($0, evaluation) })</div>

            """
        let closest: HTML =
            near.isEmpty
            ? ""
            : """
            <h3>Right, but nearly wrong</h3><div class="pictures">\(near.map { figure($0, evaluation) })</div>

            """
        return .section("mistakes", "Worst mistakes", "\(toggle)\(legend)\(worst)\(closest)")
    }

    private func figure(_ explained: PictureAlbum.Explained, _ evaluation: Evaluation) -> HTML {
        let picture = explained.picture
        let answer = evaluation.classes[picture.prediction], label = evaluation.classes[picture.label]
        let heat: HTML =
            if let heat = explained.heat {
                """
                <img class="heat" alt="The same picture with what speaks for \(answer)" \
                src="data:image/jpeg;base64,\(heat)">
                """
            } else {
                ""
            }
        let words: HTML =
            picture.isCorrect
            ? "<b class=\"name\">\(label)</b> \(picture.probability.percent)"
            : """
            <b class="name">\(answer)</b> \(picture.probability.percent)<br><span class="muted">labelled</span> \
            <b class="name">\(label)</b> \(picture.labelProbability.percent)
            """
        return """
            <figure><img class="plain" alt="\(label), taken for \(answer)" \
            src="data:image/jpeg;base64,\(explained.plain)">\(heat)<figcaption>\(words)<br>\
            <span class="path" title="\(picture.path.terminalText)">loss \(picture.loss.fixed(2)) · \
            \(shortPath(picture.path))</span></figcaption></figure>

            """
    }

    /// The path below the folder of pictures.
    func shortPath(_ path: FilePath) -> String {
        let text = path.terminalText
        guard let root = pictureFolder?.terminalText, text.hasPrefix(root + "/") else { return text }
        return String(text.dropFirst(root.count + 1))
    }

    /// How many suspect labels are listed.
    private static let suspectCount = 50

    /// Pictures whose label is probably wrong, to be copied.
    var suspectSection: HTML {
        let suspects = suspectLabels
        guard let evaluation, !suspects.isEmpty else { return "" }
        let rows = suspects.prefix(Self.suspectCount).map { picture -> HTML in
            let image: HTML =
                if let text = album.thumbnails[picture.path] {
                    "<img alt=\"\" src=\"data:image/jpeg;base64,\(text)\">"
                } else {
                    ""
                }
            return """
                <tr><td>\(image)</td><td class="path">\(shortPath(picture.path))</td>\
                <td class="name">\(evaluation.classes[picture.label])</td>\
                <td class="name">\(evaluation.classes[picture.prediction])</td>\
                <td class="n">\(picture.probability.percent)</td></tr>

                """
        }
        let list = suspects.prefix(2000).map(\.path.terminalText).joined(separator: "\n")
        let more =
            suspects.count > Self.suspectCount ? " The first \(Self.suspectCount) are shown, all are in the list." : ""
        return .section(
            "labels", "Probably mislabelled",
            """
            <p class="muted">\(suspects.count.counted("picture is", "pictures are")) taken for another class at least as \
            surely as that class's own pictures are on average, and with \(RunReport.leastConfidence.percent) or more.\
            \(more) Whether the label or the network is wrong, only a person can tell.</p>
            <div class="scroll"><table class="suspects"><thead><tr><td></td><th scope="col">picture</th>\
            <th scope="col">labelled</th><th scope="col">looks like</th><th scope="col" class="n">likely</th></tr></thead>
            <tbody>\(rows)</tbody></table></div>
            <details><summary>Their paths, to be copied</summary>\
            <textarea id="suspect-paths" readonly rows="6" spellcheck="false" aria-label="Paths">\(list)</textarea>\
            <button type="button" data-copy="suspect-paths">Copy</button></details>

            """)
    }
}
