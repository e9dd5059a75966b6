import Engine
import Events
import Store

/// All inputs from an instant on, with the state before them and what decided: `replay --recorded` goes through
/// them once more.
///
/// A folder as a service's own state: `snapshot`, `inputs.1`, `policies.K`; and `decisions.jsonl`, what was decided.
/// Nothing waits for it: where its disk takes no more it ends, and that is told.
final class Recording {
  private struct Files {
    let inputs, decisions: AppendedFile
  }

  private let folder: StateFolder
  /// Nil when it has ended.
  private var files: Files?

  static let decisionsName = "decisions.jsonl"

  /// - Throws: where the folder has a recording already: two of them are not one.
  init(_ path: String, snapshot: SnapshotFile, deciding: Deciding) throws(StoreError) {
    folder = try StateFolder(path)
    guard folder.numbers(of: "inputs").isEmpty else {
      throw StoreError(
        place: path, problem: "has a recording already", remedy: "name an empty folder")
    }
    var snapshot = snapshot
    snapshot.inputs = 1
    try deciding.keep(snapshot.policies, in: folder)
    try snapshot.write(to: folder)
    files = Files(
      inputs: try AppendedFile(folder.inputsPath(1)),
      decisions: try AppendedFile(folder.path + "/" + Self.decisionsName))
  }

  func append(_ frame: [UInt8]) {
    record { files throws(StoreError) in try files.inputs.append(frame) }
  }

  func keep(_ deciding: Deciding, _ number: Int) {
    record { _ throws(StoreError) in try deciding.keep(number, in: folder) }
  }

  func append(_ transitions: [Transition]) {
    record { files throws(StoreError) in
      try files.decisions.append(DecisionsFile.lines(transitions))
    }
  }

  private func record(_ body: (Files) throws(StoreError) -> Void) {
    guard let files else { return }
    do { try body(files) } catch {
      // What came after a gap would be decided otherwise.
      self.files = nil
      Alerts.raise("the recording has ended, and all else goes on: \(error)")
    }
  }
}
