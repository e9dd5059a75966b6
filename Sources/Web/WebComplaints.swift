import Synchronization

/// Tells the operator of each fault once, and again when it has another reason or comes back.
final class WebComplaints: Sendable {
  private let complain: @Sendable (String) -> Void
  private let told = Mutex<[String: String]>([:])

  init(_ complain: @escaping @Sendable (String) -> Void) { self.complain = complain }

  func tell(_ subject: String, _ text: String) {
    let isNew = told.withLock { told in
      defer { told[subject] = text }
      return told[subject] != text
    }
    if isNew { complain(text) }
  }

  func end(_ subject: String) { told.withLock { $0[subject] = nil } }
}
