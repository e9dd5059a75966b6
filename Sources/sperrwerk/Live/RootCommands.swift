import Actions
import ArgumentParser
import Events
import Foundation

/// Between the service and its part that is root: one JSON object a line, there and back.
struct RootRequest: Codable, Sendable {
  var words: [String]
  var input: String
}

struct RootReply: Codable, Sendable {
  var status: Int32
  var output, errors: String
}

/// The service's end. It stands before a program's own words, as `sudo` would: the setting `privileges`.
struct AsRootCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "as-root",
    abstract: "Ask the part of this service that is root to run one of its few programs.",
    shouldDisplay: false)

  static let socket = "/run/sperrwerk-root.socket"

  @Option(help: ArgumentHelp("Where that part listens.", valueName: "file"))
  var socket = AsRootCommand.socket
  @Argument(
    parsing: .captureForPassthrough, help: "The program by its whole path, and its arguments.")
  var words: [String]

  func run() throws {
    let input = String(decoding: LocalSocket.readAll(STDIN_FILENO), as: UTF8.self)
    guard let connection = LocalSocket.connect(socket) else {
      Output.complain("\(socket): does not answer; systemctl start sperrwerk-root.socket")
      throw ExitCode(69)
    }
    let request = try JSONEncoder().encode(RootRequest(words: words, input: input))
    // A refusal may come before all is written; what counts is the answer.
    _ = LocalSocket.write(request + [10], to: connection)
    let answer = LocalSocket.readAll(connection)
    guard let reply = try? JSONDecoder().decode(RootReply.self, from: Data(answer)) else {
      Output.complain("\(socket): no answer; journalctl -u 'sperrwerk-root@*' says why")
      throw ExitCode(69)
    }
    Output.write(Array(reply.output.utf8), to: STDOUT_FILENO)
    Output.write(Array(reply.errors.utf8), to: STDERR_FILENO)
    if reply.status != 0 { throw ExitCode(reply.status) }
  }
}

/// Root's end: one order from standard input, its result to standard output. systemd starts it for each order.
struct ServeRootCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve-root", abstract: "Carry out one order of the service as root.",
    shouldDisplay: false)

  func run() async throws {
    let reply = await answer(LocalSocket.readLine(STDIN_FILENO, most: 64 << 20))
    Output.write(Array(try JSONEncoder().encode(reply)) + [10], to: STDOUT_FILENO)
  }

  private func answer(_ line: [UInt8]) async -> RootReply {
    do {
      guard let request = try? JSONDecoder().decode(RootRequest.self, from: Data(line)) else {
        throw ActionError(
          place: "as root", problem: "this is no order", remedy: "use sperrwerk as-root")
      }
      let order = try RootOrder(request.words, input: request.input)
      var program = Program(order.program)
      program.limit = .seconds(60)
      let result = try await program.run(order.arguments, input: order.input)
      return RootReply(status: result.status, output: result.output, errors: result.errors)
    } catch {
      // Refusals are worth a look: the journal has them too.
      Output.complain("\(error)")
      return RootReply(status: 126, output: "", errors: "\(error)\n")
    }
  }
}
