import Engine
import Events
import Store

/// A state of the engine and the inputs after it, as a service left them or recorded them: decided once more.
final class PastInputs {
  private let snapshot: SnapshotFile
  private let folder: StateFolder
  private let geo: Geo
  private var engine: Engine? = nil
  private(set) var deciding: Deciding
  private(set) var policiesNumber: Int
  private(set) var positions: [String: String]
  private(set) var finished: [FinishedOrder] = []
  private(set) var count = 0
  /// The last file, and how much of it is whole, where its last frame is not.
  private(set) var cut: (path: String, size: Int)?
  /// Is shown each line's event.
  var seesEvent: (LogEvent, Span<UInt8>) -> Void = { _, _ in }

  init(_ snapshot: SnapshotFile, in folder: StateFolder, geo: Geo) throws {
    (self.snapshot, self.folder, self.geo) = (snapshot, folder, geo)
    deciding = try Deciding(kept: folder.policiesPath(snapshot.policies))
    policiesNumber = snapshot.policies
    positions = snapshot.positions
    var engine = deciding.engine(geo, fileNames: [])
    try engine.restore(snapshot.engine)
    self.engine = consume engine
  }

  /// Goes through all inputs, in order. The last frame may be cut: what was decided on it took no effect.
  func replay() throws {
    var number = snapshot.inputs
    while true {
      let (frames, cutAt) = try Frame.all(in: folder.inputsPath(number))
      for frame in frames { try take(InputReader(Array(frame))) }
      let isLast = !folder.numbers(of: "inputs").contains(number + 1)
      if let cutAt {
        guard isLast else {
          throw StoreError(
            place: folder.inputsPath(number), problem: "is damaged in its middle",
            remedy: "everything is read again from the logs")
        }
        cut = (folder.inputsPath(number), cutAt)
      }
      if isLast { return }
      number += 1
    }
  }

  private func take(_ inputs: consuming InputReader) throws {
    while let item = try inputs.next() {
      switch item {
      case .event(let event, let line):
        engine!.take(event, line.span)
        seesEvent(event, line.span)
      case .input(let input):
        if case .outcome(let order, _, _, let isDone, let text, _) = input {
          finished.append(FinishedOrder(id: order, isDone: isDone, outcome: text))
        }
        engine!.take(input)
      case .position(let position, let source): positions[source] = position
      case .policies(let number):
        deciding = try Deciding(kept: folder.policiesPath(number))
        policiesNumber = number
        deciding.adopt(in: &engine!)
      }
      count += 1
    }
  }

  /// What came out, once.
  func takeEngine() -> Engine { engine.take()! }
}
