import Foundation
import Testing

/// Another program that has locked a service's ledger.
final class LedgerLock {
  private let process = Process()
  private let hold = Pipe()

  /// Returns when nobody else can write any more.
  init(_ ledger: String) throws {
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "python3", "-c",
      """
      import sqlite3, sys
      ledger = sqlite3.connect("\(ledger)", timeout=60, isolation_level=None)
      ledger.execute("BEGIN IMMEDIATE")
      print("locked", flush=True)
      sys.stdin.read()
      """,
    ]
    process.standardInput = hold
    let answer = Pipe()
    process.standardOutput = answer
    try process.run()
    try #require(answer.fileHandleForReading.readData(ofLength: 7) == Data("locked\n".utf8))
  }

  func end() throws {
    try hold.fileHandleForWriting.close()
    process.waitUntilExit()
  }
}
