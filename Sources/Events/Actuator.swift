/// Carries out orders about a subject's sending: the real one, or the dry run's recorder.
public protocol Actuator: Sendable {
  /// Makes the world outside agree with what is in force, at start.
  func begin(_ standing: Standing) async throws(ActionError)
  /// Does it, and sees that it holds.
  /// - Parameter standing: all that is to be in force afterwards.
  /// - Returns: what was seen, for the ledger.
  func carryOut(_ order: Order, _ standing: Standing) async throws(ActionError) -> String
  /// Ends what is open under an old password. It may take long, and so goes beside other subjects' orders.
  /// - Returns: what was seen; nil where that is nothing to tell.
  func endSessions(_ order: Order) async -> String?
  /// Looks whether what is in force still holds, and puts right what does not.
  /// - Returns: what was wrong, in words for the operator.
  func lookAgain(_ standing: Standing) async throws(ActionError) -> [String]
}

extension Actuator {
  public func endSessions(_ order: Order) async -> String? { nil }
}

/// Why an order could not be carried out, and what to do.
public struct ActionError: Error, Equatable, CustomStringConvertible {
  public let place, problem, remedy: String
  public var description: String { "\(place): \(problem); \(remedy)" }

  public init(place: String, problem: String, remedy: String) {
    (self.place, self.problem, self.remedy) = (place, problem, remedy)
  }
}

/// Whose sending is stopped, and how.
public struct Standing: Equatable, Sendable {
  public enum Stop: Equatable, Sendable { case suspended, held }

  /// Why Postfix holds, in its log and queue listing.
  public static let heldReason = "held for a check"

  /// By canonical login.
  public var accounts: [String: Stop] = [:]
  public var sites: [Int32: Stop] = [:]

  public init() {}

  /// - Parameter orders: each subject's last.
  public init(_ orders: [Order]) {
    for order in orders where order.kind != .open {
      self[order.subject] = order.kind == .hold ? .held : .suspended
    }
  }

  public subscript(subject: String) -> Stop? {
    get { Self.uid(subject).map { sites[$0] } ?? accounts[subject] }
    set {
      if let uid = Self.uid(subject) { sites[uid] = newValue } else { accounts[subject] = newValue }
    }
  }

  /// `uid:5012` is a website.
  public static func uid(_ subject: String) -> Int32? {
    subject.hasPrefix("uid:") ? Int32(subject.dropFirst(4)) : nil
  }
}
