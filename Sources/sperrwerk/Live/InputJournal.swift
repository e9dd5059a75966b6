import Engine
import Events
import Store

/// The engine's inputs on their way to the state folder: a frame for each turn of the loop, written before what was
/// decided on it takes effect.
final class InputJournal {
  let folder: StateFolder
  private var batch = InputBatch()
  private var file: AppendedFile
  /// The number of the file that is written now.
  private(set) var number: Int
  private(set) var hasInputs = false
  /// Frames that the disk has not taken yet, in order.
  private var waiting: [[UInt8]] = []
  private(set) var waitingBytes = 0
  /// A power cut would take what was written last.
  private var needsSync = false
  private let recording: Recording?

  /// No more than this is kept in memory while the disk takes nothing; the logs wait where they are.
  private let most: Int

  /// - Parameter number: of a file that is not there yet.
  init(
    _ folder: StateFolder, number: Int, recording: Recording?, most: Int = 32 << 20
  ) throws(StoreError) {
    (self.folder, self.most) = (folder, most)
    self.number = number
    self.recording = recording
    file = try AppendedFile(folder.inputsPath(number))
  }

  /// No more lines are read until it is written.
  var isFull: Bool { waitingBytes + batch.byteCount > most }
  /// It could not be written, and is full.
  var isStuck: Bool { waitingBytes > most }

  func append(_ event: borrowing LogEvent, _ line: Span<UInt8>) { batch.append(event, line) }
  func append(_ input: Input) { batch.append(input) }
  func append(position: String, of source: String) { batch.append(position: position, of: source) }
  func append(policies number: Int) { batch.append(policies: number) }

  /// Writes what has come since the last call.
  /// - Parameter isLasting: also after a power cut.
  /// - Throws: where the disk does not take it; it is tried again at the next call.
  func write(isLasting: Bool) throws(StoreError) {
    if !batch.isEmpty {
      let frame = Frame.wrap(batch.take())
      waiting.append(frame)
      waitingBytes += frame.count
    }
    while let frame = waiting.first {
      try file.append(frame)
      // At once: whatever fails from here on, a frame that stands in the file must not come into it again.
      waiting.removeFirst()
      waitingBytes -= frame.count
      (hasInputs, needsSync) = (true, true)
      recording?.append(frame)
    }
    if isLasting { try sync() }
  }

  private func sync() throws(StoreError) {
    guard needsSync else { return }
    try file.sync()
    needsSync = false
  }

  /// Begins the file of the inputs after a snapshot.
  func beginNext() throws(StoreError) {
    // Until the snapshot is whole both files are needed.
    try sync()
    file = try AppendedFile(folder.inputsPath(number + 1))
    number += 1
    hasInputs = false
  }
}
