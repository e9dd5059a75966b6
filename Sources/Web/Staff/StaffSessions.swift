import Crypto
package import Events
import Foundation
import Synchronization

/// Somebody of the staff who has signed in.
package struct StaffSession: Equatable, Sendable {
  package let name: String
  /// What each of his forms must hold.
  package let check: String
  /// The hash that let him in: when his line in the users' file changes, the session is over.
  package let hash: String
  let began: Instant
  var seen: Instant
  /// What became of the last command; shown once.
  var message: StaffMessage?
}

package struct StaffMessage: Equatable, Sendable {
  package let isDone: Bool
  package let text: String
}

/// Sessions in memory: a restart of the service ends them.
package final class StaffSessions: Sendable {
  /// How long one may rest, and how long it lasts.
  package static let rest = TimeSpan(seconds: 1800)
  package static let life = TimeSpan(seconds: 12 * 3600)
  private static let most = 200

  /// By the hash of the id: who reads this memory has no id.
  private let sessions = Mutex<[String: StaffSession]>([:])

  package init() {}

  /// - Returns: the new session's id, for the cookie.
  package func begin(_ name: String, hash: String, at now: Instant) -> String {
    let id = Self.random()
    let session = StaffSession(
      name: name, check: Self.random(), hash: hash, began: now, seen: now, message: nil)
    sessions.withLock { sessions in
      sessions = sessions.filter { Self.isAlive($0.value, now) }
      if sessions.count >= Self.most,
        let oldest = sessions.min(by: { $0.value.seen < $1.value.seen })
      {
        sessions[oldest.key] = nil
      }
      sessions[Self.key(id)] = session
    }
    return id
  }

  /// - Parameter isAsking: somebody sits there; what a page does by itself does not keep a session alive.
  package func find(_ id: String, at now: Instant, isAsking: Bool) -> StaffSession? {
    sessions.withLock { sessions in
      let key = Self.key(id)
      guard var session = sessions[key], Self.isAlive(session, now) else {
        sessions[key] = nil
        return nil
      }
      if isAsking {
        session.seen = now
        sessions[key] = session
      }
      return session
    }
  }

  package func end(_ id: String) { sessions.withLock { $0[Self.key(id)] = nil } }

  func leave(_ message: StaffMessage, for id: String) {
    sessions.withLock { $0[Self.key(id)]?.message = message }
  }

  func takeMessage(_ id: String) -> StaffMessage? {
    sessions.withLock { sessions in
      defer { sessions[Self.key(id)]?.message = nil }
      return sessions[Self.key(id)]?.message
    }
  }

  private static func isAlive(_ session: StaffSession, _ now: Instant) -> Bool {
    now - session.seen < rest && now - session.began < life
  }

  private static func key(_ id: String) -> String {
    HexText.of(SHA256.hash(data: Data(id.utf8)))
  }

  /// 256 bits as a cookie may hold them.
  static func random() -> String {
    unsafe SymmetricKey(size: .bits256).withUnsafeBytes { unsafe Data($0) }.base64EncodedString()
      .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
  }
}
