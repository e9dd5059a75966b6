import Events
import Foundation

/// The engine's state at an instant, with all that a restart needs to go on from there.
package struct SnapshotFile: Codable, Equatable, Sendable {
  /// The inputs after it begin with `inputs.NUMBER`.
  package var inputs: Int
  /// Decided by `policies.NUMBER`.
  package var policies: Int
  /// How far each source had been read.
  package var positions: [String: String]
  package var engine: [UInt8]

  package init(inputs: Int, policies: Int, positions: [String: String], engine: [UInt8]) {
    (self.inputs, self.policies) = (inputs, policies)
    (self.positions, self.engine) = (positions, engine)
  }

  /// As one frame: the head as JSON, its length before it, and the engine's bytes.
  private var bytes: [UInt8] {
    var head = self
    head.engine = []
    let json = (try? JSONEncoder().encode(head)).map { [UInt8]($0) } ?? []
    return Frame.littleEndian(UInt64(json.count), 4) + json + engine
  }

  /// Puts it in the place of the last one: there is always a whole one.
  package func write(to folder: StateFolder) throws(StoreError) {
    let path = folder.snapshotPath
    do throws(SystemFault) {
      try SafeFile.replace(path, with: Frame.wrap(bytes), mode: 0o600)
    } catch {
      throw StoreError.system(path, error.code)
    }
  }

  /// - Returns: nil before the first.
  /// - Throws: where there is one that cannot be read.
  package static func read(from folder: StateFolder) throws(StoreError) -> SnapshotFile? {
    let (frames, cutAt) = try Frame.all(in: folder.snapshotPath)
    guard let frame = frames.first else {
      if cutAt != nil { throw damaged(folder) }
      return nil
    }
    guard frame.count >= 4 else { throw damaged(folder) }
    let length = Int(Frame.number(frame.prefix(4)))
    let rest = frame.dropFirst(4)
    guard length <= rest.count,
      var snapshot = try? JSONDecoder().decode(SnapshotFile.self, from: Data(rest.prefix(length)))
    else { throw damaged(folder) }
    snapshot.engine = Array(rest.dropFirst(length))
    return snapshot
  }

  private static func damaged(_ folder: StateFolder) -> StoreError {
    StoreError(
      place: folder.snapshotPath, problem: "is damaged or another version's",
      remedy: "everything is read again from the logs")
  }
}
