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
    let file = try InputFile(input, for: path)
    let words = words(arguments)
    return try await inTime {
      defer { withExtendedLifetime(file) {} }
      let result = try await Subprocess.run(
        .path(.init(words[0])), arguments: .init(Array(words.dropFirst())),
        platformOptions: Self.options,
        input: .fileDescriptor(file.descriptor, closeAfterSpawningProcess: false),
        output: .string(limit: 1 << 22), error: .string(limit: 1 << 24))
      return Result(
        status: Self.status(result.terminationStatus), output: result.standardOutput,
        errors: result.standardError)
    }
  }

  func words(_ arguments: [String]) -> [String] { prefix + [path] + arguments }

  /// It and what it has started are ended together: a child that lives on would keep the pipe open.
  static var options: PlatformOptions {
    var options = PlatformOptions()
    options.processGroupID = 0
    options.teardownSequence = [
      .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .seconds(1))
    ]
    return options
  }

  static func status(_ status: TerminationStatus) -> Int32 {
    switch status {
    case .exited(let code): code
    case .signaled(let signal): 128 + signal
    }
  }

  /// Ends what takes longer than `limit`, and says so.
  func inTime<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value)
    async throws(ActionError) -> Value
  {
    do {
      return try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await work() }
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
}
