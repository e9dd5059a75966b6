import Events

/// The service's answers, as people read them on 80 columns.
enum OperatorText {
  static func write(_ reply: OperatorReply, to output: inout Output) {
    switch reply.data {
    case .status(let report): write(report, &output)
    case .cases(let cases): write(cases, &output)
    case .case(let detail): write(detail, &output)
    case .queue(let listing): write(listing, &output)
    case .lists(let report): write(report, &output)
    case .explanation(let explanation): write(explanation, &output)
    case .undo(let report): write(report, reply.text, &output)
    default: return write(reply.text, &output)
    }
    if case .undo = reply.data { return }
    if !reply.text.isEmpty { write(reply.text, &output) }
  }

  /// A message of several lines, some of them indented.
  private static func write(_ text: String, _ output: inout Output) {
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let margin = line.prefix { $0 == " " }.count
      output.line(wrapped(String(line), indent: margin + 2, first: margin))
    }
  }

  /// Words over as many lines as they need, the later ones indented.
  static func wrapped(_ text: String, width: Int = 80, indent: Int = 0, first: Int? = nil)
    -> String
  {
    let margin = String(repeating: " ", count: indent)
    var lines = [String(repeating: " ", count: first ?? indent)]
    var isStart = true
    for word in text.split(whereSeparator: { $0 == " " || $0.isNewline }) {
      if !isStart, lines[lines.count - 1].count + 1 + word.count > width {
        lines.append(margin)
        isStart = true
      }
      lines[lines.count - 1] += (isStart ? "" : " ") + word
      isStart = false
    }
    return lines.joined(separator: "\n")
  }

  private static func write(_ report: UndoReport, _ text: String, _ output: inout Output) {
    let isShown = !report.isOrdered && !report.subjects.isEmpty
    output.line(isShown ? "\(text); say --yes to do it" : text)
    for one in report.subjects {
      output.line(
        "  #\(one.number) \(one.state.rawValue) \(Style.clipped(one.subject, 50)) since "
          + (one.stoppedAt?.rfc3339(digits: 0) ?? "-"))
    }
  }
}
