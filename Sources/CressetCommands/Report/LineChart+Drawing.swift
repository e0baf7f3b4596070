extension LineChart {
    private static var bottom: Double { size.height - margin.bottom }
    private static var right: Double { size.width - margin.right }

    /// The drawing; `number` is its place in the page's list of charts.
    func drawing(_ number: Int) -> HTML {
        """
        <figure class="chart" data-chart="\(number)"><figcaption>\(title) \(legend)</figcaption>
        <svg viewBox="0 0 \(Int(Self.size.width)) \(Int(Self.size.height))" tabindex="0" role="img" \
        aria-label="\(title): \(summary)">\(axes)\(diagonal)\(marks.map(mark))\
        \(curves.map(path))<line class="cursor" y1="\(Self.margin.top.fixed(0))" y2="\(Self.bottom.fixed(0))"/></svg>
        <output class="values">\(summary)</output></figure>

        """
    }

    private var axes: HTML {
        let rows = yTicks.map { value -> HTML in
            let y = y(value)
            return line((Self.margin.left, y), (Self.right, y), "grid")
                + text(up.label(value), Self.margin.left - 6, y + 4, "end")
        }
        let columns = xTicks.map { text(across.label($0), x($0), Self.bottom + 16, "middle") }
        return "\(rows)\(columns)\(text(across.name, Self.right, Self.size.height - 1, "end"))"
    }

    private var diagonal: HTML {
        hasDiagonal ? line((Self.margin.left, Self.bottom), (Self.right, Self.margin.top), "diagonal") : ""
    }

    private func mark(_ mark: Mark) -> HTML {
        let x = x(mark.place)
        guard (Self.margin.left...Self.right).contains(x) else { return "" }
        let label = mark.label.isEmpty ? "" : text(mark.label, x, Self.margin.top - 3, "middle")
        return line((x, Self.margin.top), (x, Self.bottom), mark.style) + label
    }

    private var legend: HTML {
        if curves.count < 2 { return "" }
        let keys = curves.map { curve -> HTML in
            let name = curve.note.isEmpty ? curve.name : "\(curve.name) \(curve.note)"
            return "<span><span class=\"key \(curve.style)\(curve.isDotted ? " dots" : "")\"></span>\(name)</span> "
        }
        return "<span class=\"legend\">\(keys)</span>"
    }

    /// The chart in words, which are also below it.
    private var summary: String {
        if let words { return words }
        let values = curves.compactMap { curve in
            (curve.values.last ?? nil).map { "\(curve.name) \(up.label($0))" }
        }.joined(separator: ", ")
        return "last epoch: \(values)"
    }

    private func path(_ curve: Curve) -> HTML {
        let places = zip(places, curve.values).map { place, value in
            value.flatMap { up.position($0).isFinite ? (x: x(place), y: y($0)) : nil }
        }
        let runs = places.split { $0 == nil }.map { $0.compactMap { $0 } }
        let lines = runs.filter { $0.count > 1 && !curve.isDotted }.map { run -> HTML in
            let points = run.map { "\($0.x.fixed(1)),\($0.y.fixed(1))" }.joined(separator: " ")
            return "<polyline class=\"\(curve.style)\" points=\"\(points)\"/>"
        }
        // Few epochs are shown as points too, a single one cannot be seen otherwise.
        let radius = curve.isDotted ? "1.5" : "2.5"
        let dots =
            places.count > 40 && !curve.isDotted
            ? []
            : places.compactMap { $0 }.map { place -> HTML in
                "<circle class=\"\(curve.style)\" cx=\"\(place.x.fixed(1))\" cy=\"\(place.y.fixed(1))\" r=\"\(radius)\"/>"
            }
        return "\(lines)\(dots)"
    }

    private func line(_ a: (Double, Double), _ b: (Double, Double), _ style: String) -> HTML {
        """
        <line class="\(style)" x1="\(a.0.fixed(1))" y1="\(a.1.fixed(1))" x2="\(b.0.fixed(1))" y2="\(b.1.fixed(1))"/>
        """
    }

    private func text(_ text: String, _ x: Double, _ y: Double, _ anchor: String) -> HTML {
        "<text x=\"\(x.fixed(1))\" y=\"\(y.fixed(1))\" text-anchor=\"\(anchor)\">\(text)</text>"
    }
}
