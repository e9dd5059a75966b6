import Engine
import Events
import Store

/// All inputs from an instant on, with the state before them and what decided: `replay --recorded` goes through
/// them once more.
///
/// A folder as a service's own state: `snapshot`, `inputs.1`, `policies.K`; and `decisions.jsonl`, what was decided.
final class Recording {
  private let folder: StateFolder
  private let inputs: AppendedFile
  private let decisions: AppendedFile

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
    inputs = try AppendedFile(folder.inputsPath(1))
    decisions = try AppendedFile(folder.path + "/" + Self.decisionsName)
  }

  func append(_ frame: [UInt8]) throws(StoreError) { try inputs.append(frame) }

  func keep(_ deciding: Deciding, _ number: Int) throws(StoreError) {
    try deciding.keep(number, in: folder)
  }

  func append(_ transitions: [Transition]) throws(StoreError) {
    try decisions.append(DecisionsFile.lines(transitions))
  }
}
