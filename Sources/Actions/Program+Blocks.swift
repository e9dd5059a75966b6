package import Events
import Subprocess
import SystemPackage

extension Program {
  /// Runs it and hands over what it prints as it comes, in blocks of whole lines: however much it prints,
  /// no more than a block of it is held here, and it waits while a block is being taken.
  ///
  /// - Returns: its exit status and what it says of errors; `output` stays empty.
  /// - Throws: where it cannot be started, or does not end in time: the time that `take` needs counts.
  package func blocks(
    _ arguments: [String], _ take: @escaping @Sendable ([UInt8]) async -> Void
  ) async throws(ActionError) -> Result {
    let words = words(arguments)
    return try await inTime {
      let result = try await Subprocess.run(
        .path(.init(words[0])), arguments: .init(Array(words.dropFirst())),
        platformOptions: Self.options, input: .none, output: .sequence,
        error: .string(limit: 1 << 20)
      ) { execution in
        var rest: [UInt8] = []
        for try await buffer in execution.standardOutput {
          unsafe buffer.withUnsafeBytes { unsafe rest.append(contentsOf: $0) }
          guard let newline = rest.lastIndex(of: 10) else { continue }
          let block = Array(rest[...newline])
          rest.removeFirst(newline + 1)
          await take(block)
        }
        if !rest.isEmpty { await take(rest) }
      }
      return Result(
        status: Self.status(result.terminationStatus), output: "", errors: result.standardError)
    }
  }
}
