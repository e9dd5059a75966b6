import ArgumentParser
import Events
import Foundation

/// What every command to the running service has.
struct OperatorOptions: ParsableArguments {
  @OptionGroup var place: SettingsPlace
  @Option(
    help: ArgumentHelp("The service's socket (default: as in the settings).", valueName: "file"))
  var socket: String?
  @Option(help: "How to print the answer: text or json.") var format = OutputFormat.text

  /// Asks the service, and prints what it answers.
  func send(_ request: OperatorRequest) throws {
    let reply = try ask(request)
    var output = Output()
    if format == .json {
      output.line(Self.json(reply))
    } else if reply.isDone {
      OperatorText.write(reply, to: &output)
    }
    output.flush()
    guard reply.isDone else {
      if format == .text { Output.complain(reply.text) }
      throw ExitCode.failure
    }
  }

  func ask(_ request: OperatorRequest) throws -> OperatorReply {
    let path = try socket ?? place.load()["operators.socket"]
    switch OperatorSocket.ask(path, OperatorDesk.encode(request)) {
    case .success(let line):
      if let reply = try? JSONDecoder().decode(OperatorReply.self, from: Data(line.utf8)) {
        return reply
      }
      Output.complain("\(path): the answer cannot be read; is the service of this version?")
    case .failure(let fault):
      Output.complain("\(fault)")
    }
    throw ExitCode(69)
  }

  /// The data itself, one object or list a line, its keys in lower case with underscores; of a command without
  /// data its message; of one that was not done the error.
  static func json(_ reply: OperatorReply) -> String {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    func text(_ value: some Encodable) -> String {
      (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
    guard reply.isDone else { return text(["error": reply.text]) }
    switch reply.data {
    case .status(let report): return text(report)
    case .cases(let cases): return text(cases)
    case .case(let detail): return text(detail)
    case .queue(let listing): return text(listing)
    case .lists(let report): return text(report)
    case .explanation(let explanation): return text(explanation)
    case .undo(let report): return text(report)
    case .order(let report): return text(report)
    case .reload(let report): return text(report)
    case .incident(let report): return text(report)
    case .day(let report): return text(report)
    case nil: return text(["message": reply.text])
    }
  }
}

/// Times and lengths of time as arguments of commands.
enum TimeArgument {
  static func instant(_ text: String) throws -> Instant {
    if let time = Instant(rfc3339: text) { return time }
    throw ValidationError("'\(text)' is no time; write it as 2026-11-24T03:00:00Z")
  }

  static func span(_ text: String) throws -> TimeSpan {
    if let span = TimeSpan(text) { return span }
    throw ValidationError("'\(text)' is no duration; write it as 90m, 12h or 30d")
  }
}
