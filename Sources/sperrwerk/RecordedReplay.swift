import ArgumentParser
import Engine
import Events
import Foundation
import Store

/// Goes once more through what `run --record` kept, and compares what is decided with what was.
struct RecordedReplay {
  private(set) var transitions: [Transition]
  private let inputs: Int
  private let recorded: [UInt8]
  private let path: String

  init(_ path: String, geo: Geo) throws {
    self.path = path
    let decisions = "\(path)/\(Recording.decisionsName)"
    recorded = try Replay.contents(decisions)
    do {
      let folder = try StateFolder(path)
      guard let snapshot = try SnapshotFile.read(from: folder) else {
        throw StoreError(
          place: path, problem: "no recording", remedy: "name a folder of 'run --record'")
      }
      let past = try PastInputs(snapshot, in: folder, geo: geo)
      try past.replay()
      inputs = past.count
      var engine = past.takeEngine()
      transitions = engine.takeTransitions()
    } catch {
      Output.complain("\(error)")
      throw ExitCode(66)
    }
  }

  /// Whether the service decided the same; its last decisions may be missing where it was killed.
  func compare(_ output: inout Output) -> Bool {
    let again = DecisionsFile.lines(transitions)
    let count = "\(NumberText.grouped(inputs)) inputs, \(transitions.count) decisions"
    if again == recorded {
      output.line("\(count): the same as the service's, byte for byte")
      return true
    }
    if again.starts(with: recorded) {
      let missing = transitions.count - recorded.count { $0 == 10 }
      output.line("\(count): the same as the service's, which ended before its last \(missing)")
      return true
    }
    let ours = again.split(separator: 10, omittingEmptySubsequences: false)
    let theirs = recorded.split(separator: 10, omittingEmptySubsequences: false)
    let line = zip(ours, theirs).prefix { $0 == $1 }.count
    func text(_ lines: [ArraySlice<UInt8>]) -> String {
      line < lines.count ? String(decoding: lines[line], as: UTF8.self) : ""
    }
    output.line("\(count): they differ from the service's, first here:")
    output.line("\(path)/\(Recording.decisionsName):\(line + 1): \(text(theirs))")
    output.line("now: \(text(ours))")
    return false
  }
}
