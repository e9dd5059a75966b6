import Events

extension OperatorText {
  static func write(_ report: ListReport, _ output: inout Output) {
    if report.entries.isEmpty { output.line("the lists are empty") }
    for entry in report.entries {
      let text =
        "\(entry.kind.rawValue) \(Style.clipped(entry.subject, 60))\(what(entry))"
        + (entry.isInForce ? "" : " (not in force)")
      output.line(entry.isInForce ? text : Style.dim(text))
      output.line(
        "  \(entry.from.rfc3339(digits: 0)) to \(entry.until.rfc3339(digits: 0)), "
          + (entry.actor.map { "by \($0)" } ?? entry.place ?? ""))
      output.line(wrapped(Style.clipped(entry.reason, 300), indent: 2))
    }
  }

  private static func what(_ entry: ListReport.Entry) -> String {
    [
      entry.policy.map { " policy \($0)" }, entry.network.map { " network \($0)" },
      entry.volume.map { " \(Int($0)) messages an hour" },
    ].compactMap { $0 }.joined(separator: ",")
  }

  /// The operators' own entries as a list file: what `policies/lists` may keep instead of the ledger.
  static func lua(_ report: ListReport) -> String {
    var text = "-- Operators' entries.\nreturn {\n"
    for entry in report.entries where entry.actor != nil {
      let fields = [
        "\(entry.kind.rawValue) = \(quoted(entry.subject))",
        entry.policy.map { "policy = \(quoted($0))" },
        entry.network.map { "network = \(quoted("\($0)"))" }, entry.volume.map { "volume = \($0)" },
        "from = \(quoted(entry.from.rfc3339(digits: 0)))",
        "expires = \(quoted(entry.until.rfc3339(digits: 0)))",
        "reason = \(quoted("\(entry.reason) (\(entry.actor ?? ""))"))",
      ]
      text += "  { \(fields.compactMap { $0 }.joined(separator: ", ")) },\n"
    }
    return text + "}\n"
  }

  /// As a Lua string: what an operator or a stranger wrote must not end it.
  static func quoted(_ text: String) -> String {
    var quoted = "\""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): quoted += "\\\(Character(UnicodeScalar(byte)))"
      case 0..<32, 127...: quoted += "\\x" + HexText.of(byte)
      default: quoted.append(Character(UnicodeScalar(byte)))
      }
    }
    return quoted + "\""
  }
}
