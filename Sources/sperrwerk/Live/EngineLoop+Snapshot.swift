import Dispatch
import Engine
import Events
import Store

/// The state as a whole, written beside the loop; a restart begins there and goes through the inputs since.
extension EngineLoop {
  func snapshotIfDue() {
    let begun = MachineClock.steady
    // What the ledger has not taken would be lost with the inputs before the snapshot.
    guard let journal, snapshots.isDue(begun), journal.hasInputs, unwritten.isEmpty,
      finished.isEmpty, stateFault == nil
    else { return }
    do {
      try journal.beginNext()
    } catch {
      Alerts.raise("\(error)")
      // Not at each turn.
      snapshots.began(begun, took: .zero)
      snapshots.ended()
      return
    }
    let snapshot = snapshot(inputs: journal.number)
    let ended = MachineClock.steady
    snapshots.began(
      ended, took: TimeSpan(microseconds: ended.microseconds - begun.microseconds))
    let (folder, mailbox) = (journal.folder, mailbox)
    let writing = snapshotWriting
    writing.enter()
    LoopThread.start {
      defer { writing.leave() }
      var outcome = SnapshotOutcome(inputs: snapshot.inputs, policies: snapshot.policies)
      do { try snapshot.write(to: folder) } catch { outcome.fault = "\(error)" }
      mailbox.send(.snapshot(outcome))
    }
  }

  func snapshotIsWritten(_ outcome: SnapshotOutcome) {
    snapshots.ended()
    if let fault = outcome.fault {
      Alerts.raise("no snapshot; a restart takes longer: \(fault)")
      return
    }
    journal?.folder.forget(inputsBefore: outcome.inputs, policiesBefore: outcome.policies)
  }

  /// The last one, when the service ends.
  func snapshotAtEnd() throws(StoreError) {
    guard let journal, unwritten.isEmpty else { return }
    // One that is still under way would be cut off by this, or take its place though it is older.
    snapshotWriting.wait()
    try journal.beginNext()
    let snapshot = snapshot(inputs: journal.number)
    try snapshot.write(to: journal.folder)
    journal.folder.forget(inputsBefore: snapshot.inputs, policiesBefore: snapshot.policies)
  }

  func snapshot(inputs number: Int) -> SnapshotFile {
    SnapshotFile(
      inputs: number, policies: policiesNumber,
      positions: Dictionary(
        sources.map { ($0.path, $0.log.position) }, uniquingKeysWith: { $1 }),
      engine: engine.snapshot())
  }
}
