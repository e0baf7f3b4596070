/// The one of `names` that `name` probably meant; nil if none is close.
///
/// Two swapped letters count as two differences, and a third of the letters may differ.
package func nearestName(to name: String, among names: [String]) -> String? {
    nearestNames(to: name, among: names, count: 1).first
}

/// Those of `names` that `name` probably meant, the nearest first, and `count` at most.
package func nearestNames(to name: String, among names: [String], count: Int) -> [String] {
    let wanted = name.lowercased()
    let near = names.map { (name: $0, distance: editDistance($0.lowercased(), wanted)) }
        .filter { $0.distance <= max(1, (wanted.utf8.count + 1) / 3) }
    return near.enumerated().sorted { ($0.element.distance, $0.offset) < ($1.element.distance, $1.offset) }
        .prefix(count).map(\.element.name)
}

/// The number of bytes to insert, delete or replace to turn one text into the other.
package func editDistance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a.utf8.prefix(200)), Array(b.utf8.prefix(200)))
    var row = Array(0...b.count)
    for i in a.indices {
        var diagonal = row[0]
        row[0] = i + 1
        for j in b.indices {
            let replaced = diagonal + (a[i] == b[j] ? 0 : 1)
            diagonal = row[j + 1]
            row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
        }
    }
    return row[b.count]
}
