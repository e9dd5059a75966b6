/// Finds the name that was probably meant.
package enum NearMiss {
  /// As many names as a message shows: all shipped policies, and some of one's own.
  private static let most = 24

  /// `did you mean 'reason'?`, or where nothing is near, what there is: an error's remedy.
  package static func remedy(_ wrong: String, among names: [String]) -> String {
    if let near = suggest(wrong, among: names) { return "did you mean '\(near)'?" }
    let some = names.sorted().prefix(most).joined(separator: ", ")
    return names.isEmpty ? "leave it out" : "there is: \(some)\(names.count > most ? ", …" : "")"
  }

  /// The nearest name, if it is at most a third of the name away.
  package static func suggest(_ wrong: String, among names: [String]) -> String? {
    let nearest = names.sorted().map {
      ($0, distance(Array(wrong.utf8.prefix(64)), Array($0.utf8)))
    }
    .min { $0.1 < $1.1 }
    guard let (name, distance) = nearest,
      distance <= max(1, (max(wrong.utf8.count, name.utf8.count) + 1) / 3)
    else { return nil }
    return name
  }

  /// Insertions, deletions, replacements and swaps of neighbours. Source: Damerau, 1964.
  private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var rows = [Array(0...b.count)]
    for i in 1..<(a.count + 1) {
      var row = [i]
      for j in 1..<(b.count + 1) {
        var best = min(
          rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
          best = min(best, rows[i - 2][j - 2] + 1)
        }
        row.append(best)
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }
}
