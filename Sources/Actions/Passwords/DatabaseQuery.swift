import Dispatch
package import Events
import Synchronization

/// One configured query, with `:user` where the account stands; asked by one task, one time after the other.
package struct DatabaseQuery: Sendable {
  /// The setting's name, for errors.
  package let name: String
  private let connection: String
  private let text: String
  private let holes: Int
  private let limit: Duration
  private let mostRows: Int
  /// A call that was given up hangs on in the driver: no other is made until it comes back.
  private let line = Line()

  /// - Parameters:
  ///   - limit: longer than the driver's own limits, which not every driver keeps.
  ///   - mostRows: of an answer; a longer one is an error.
  /// - Throws: where `:user` stands in quotation marks: it would be the text `:user`.
  package init(
    _ query: String, connection: String, name: String, limit: Duration = .seconds(30),
    mostRows: Int = 1_000_000
  ) throws(ActionError) {
    (self.name, self.connection, self.limit) = (name, connection, limit)
    self.mostRows = mostRows
    let parts = Self.split(query)
    var quotes = 0
    for part in parts.dropLast() {
      quotes += part.count { $0 == "'" }
      if quotes % 2 == 1 {
        throw ActionError(
          place: name, problem: ":user stands in quotation marks",
          remedy: "write … = :user; its value is handed to the database apart from the query")
      }
    }
    holes = parts.count - 1
    text = parts.joined(separator: "?")
  }

  private static func split(_ query: String) -> [String] {
    var parts = [""]
    var rest = query[...]
    while let first = rest.first {
      if rest.hasPrefix(":user") {
        parts.append("")
        rest = rest.dropFirst(5)
      } else {
        parts[parts.count - 1].append(first)
        rest = rest.dropFirst()
      }
    }
    return parts
  }

  /// Tells it from another query, and from the same of another database. It may hold a password: never shown.
  var origin: String { "\(connection)\n\(text)" }

  /// The first cell of the first row; nil where there is none, or it is NULL.
  package func cell(_ account: String) async throws(ActionError) -> String? {
    let answer = try await ask(account)
    return answer.rows.first?.first ?? nil
  }

  /// All rows as a table with a header (RFC 4180).
  package func table() async throws(ActionError) -> String {
    let answer = try await ask("")
    func line(_ cells: [String]) -> String {
      cells.map(Self.cell).joined(separator: ",") + "\n"
    }
    return line(answer.columns) + answer.rows.map { line($0.map { $0 ?? "" }) }.joined()
  }

  /// By bytes, as it is read again: a quotation mark with a combining mark behind it is one too.
  private static func cell(_ text: String) -> String {
    let (quote, special) = (UInt8(ascii: "\""), Array(",\"\r\n".utf8))
    guard text.utf8.contains(where: special.contains) else { return text }
    let doubled = text.utf8.flatMap { $0 == quote ? [quote, quote] : [$0] }
    return String(decoding: [quote] + doubled + [quote], as: UTF8.self)
  }

  private func ask(_ account: String) async throws(ActionError) -> Database.Answer {
    let (connection, text, name, mostRows) = (connection, text, name, mostRows)
    let values = Array(repeating: account, count: holes)
    guard !line.isBusy.exchange(true, ordering: .relaxed) else { throw silence }
    let (answers, answer) = AsyncStream.makeStream(of: Result<Database.Answer, ActionError>.self)
    // A driver waits in its own calls: not on a thread that all tasks share.
    DispatchQueue(label: "database").async { [line] in
      let result = Result { () throws(ActionError) in
        try Database(connection, mostRows: mostRows).ask(text, values, name: name)
      }
      line.isBusy.store(false, ordering: .relaxed)
      answer.yield(result)
    }
    let timer = Task { [limit, silence] in
      try await Task.sleep(for: limit)
      answer.yield(.failure(silence))
    }
    defer { timer.cancel() }
    for await result in answers { return try result.get() }
    throw silence
  }

  private var silence: ActionError {
    ActionError(
      place: name, problem: "the database does not answer",
      remedy: "see that its server runs and answers on the machine of database.connection")
  }

  private final class Line: Sendable {
    let isBusy = Atomic(false)
  }
}
