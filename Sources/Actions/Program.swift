package import Events
import Subprocess
import SystemPackage

/// One of the mail system's own programs, run with a time limit and without a shell.
package struct Program: Sendable {
  package let path: String
  package var limit: Duration = .seconds(20)

  /// What stands before the program's own words, such as `sudo -n --`; nothing where it is run directly.
  private let prefix: [String]

  package init(_ path: String, through prefix: [String] = []) {
    self.path = path
    self.prefix = prefix
  }

  package struct Result: Sendable {
    package var status: Int32
    package var output, errors: String
  }

  /// - Parameter input: what it reads.
  /// - Throws: where it cannot be started or does not end in time; its exit status is the caller's matter.
  package func run(_ arguments: [String], input: String = "") async throws(ActionError) -> Result {
    try await inTime { try await start(arguments, input) }
  }

  /// Ends what takes longer than `limit`, and says so.
  func inTime(_ body: @escaping @Sendable () async throws -> Result) async throws(ActionError)
    -> Result
  {
    do {
      return try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask { try await body() }
        group.addTask {
          try await Task.sleep(for: limit)
          return nil
        }
        let first = try await group.next() ?? nil
        group.cancelAll()
        guard let first else {
          throw ActionError(
            place: path, problem: "did not end within \(limit)",
            remedy: "see whether the mail system answers; it is tried again")
        }
        return first
      }
    } catch let error as ActionError {
      throw error
    } catch {
      throw ActionError(
        place: path, problem: "cannot be run: \(error)",
        remedy: "see that it is installed and may be run")
    }
  }

  private func start(_ arguments: [String], _ input: String) async throws -> Result {
    let words = prefix + [path] + arguments
    let result = try await Subprocess.run(
      .path(.init(words[0])), arguments: .init(Array(words.dropFirst())), input: .string(input),
      output: .string(limit: 1 << 22), error: .string(limit: 1 << 20))
    return Result(
      status: Self.status(result.terminationStatus), output: result.standardOutput,
      errors: result.standardError)
  }

  static func status(_ status: TerminationStatus) -> Int32 {
    switch status {
    case .exited(let code): code
    case .signaled(let signal): 128 + signal
    }
  }
}
