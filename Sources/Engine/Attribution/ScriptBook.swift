import Events

/// Which scripts make a site's mail, as `X-PHP-Originating-Script` or PHP's mail log tells: where
/// several sites share a uid, nothing else names the one that is broken into.
///
/// It is told to the operator and acts on nothing: a site may write this header as it likes.
struct ScriptBook {
  private static let nameLimit = 50_000
  private static let perSite = 64
  /// PHP writes its line right before it hands the mail over.
  private static let handOver: Int64 = 10

  private(set) var names: [String] = []
  private var numbers: [String: Int32] = [:]
  /// By host: the script that PHP named last, and when.
  private var named: [UInt64: (script: Int32, second: Int64)] = [:]
  private var counts: [Int32: [Int32: Int]] = [:]

  /// - Returns: -1 where there are too many.
  mutating func number(_ name: String) -> Int32 {
    if let number = numbers[name] { return number }
    guard names.count < Self.nameLimit else { return -1 }
    numbers[name] = Int32(names.count)
    names.append(name)
    return Int32(names.count - 1)
  }

  mutating func phpNamed(_ script: Int32, host: UInt64, second: Int64) {
    named[host] = (script, second)
  }

  /// The script of a mail that is handed over now, or -1.
  mutating func takeNamed(host: UInt64, second: Int64) -> Int32 {
    guard !named.isEmpty,
      let found = named.removeValue(forKey: host) ?? named.removeValue(forKey: 0),
      second - found.second <= Self.handOver
    else { return -1 }
    return found.script
  }

  mutating func count(_ script: Int32, of subject: Int32) {
    guard script >= 0, subject >= 0, counts[subject, default: [:]].count < Self.perSite else {
      return
    }
    counts[subject, default: [:]][script, default: 0] += 1
  }

  mutating func clear(_ subject: Int32) { counts[subject] = nil }

  /// `/srv/shop/mailer.php (31 of 40 mails)`, the most frequent first; nil where none is known.
  func summary(of subject: Int32) -> String? {
    guard let found = counts[subject], !found.isEmpty else { return nil }
    let all = found.values.reduce(0, +)
    return found.sorted { ($1.value, names[Int($0.key)]) < ($0.value, names[Int($1.key)]) }
      .prefix(3).map { "\(names[Int($0.key)]) (\($0.value) of \(all) mails)" }
      .joined(separator: ", ")
  }
}

// MARK: Bytes

extension ScriptBook {
  mutating func keep(in archive: inout Archive) throws(SnapshotError) {
    try archive.keep(&names)
    numbers = Dictionary(
      zip(names, (0..<names.count).map(Int32.init)), uniquingKeysWith: { first, _ in first })
    try archive.keep(&named, or: (0, (-1, 0))) { (host, script, archive) throws(SnapshotError) in
      try archive.keep(&host)
      try archive.keep(&script.script)
      try archive.keep(&script.second)
    }
    try archive.keep(&counts, or: (0, [:])) { (subject, counts, archive) throws(SnapshotError) in
      try archive.keep(&subject)
      try archive.keep(&counts, or: (0, 0)) { (script, count, archive) throws(SnapshotError) in
        try archive.keep(&script)
        try archive.keep(&count)
      }
    }
  }
}
