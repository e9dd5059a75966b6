import Dispatch
import Foundation
import Synchronization

/// The staff's names and password hashes, a file with a line `name:hash` each, hashes as crypt(3) makes them
/// (`mkpasswd -m yescrypt`).
package struct StaffUsers: Equatable, Sendable {
  package let hashes: [String: String]

  /// - Parameter file: for the errors.
  package init(_ text: String, file: String) throws(WebError) {
    var hashes: [String: String] = [:]
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      let line = line.trimmingCharacters(in: .whitespaces)
      if line.isEmpty || line.hasPrefix("#") { continue }
      func fault(_ problem: String, _ remedy: String) -> WebError {
        WebError(place: "\(file):\(index + 1)", problem: problem, remedy: remedy)
      }
      let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { throw fault("is no user", "write NAME:HASH") }
      let name = String(parts[0])
      guard Self.isName(name) else {
        throw fault(
          "the name is not fit", "use 1 to 64 of the letters a-z, A-Z, 0-9, '.', '_', '-'")
      }
      if hashes[name] != nil { throw fault("\(name) stands here twice", "keep one of the lines") }
      guard PasswordHash.isStrong(String(parts[1])) else {
        throw fault(
          "the hash of \(name) is none, or of a kind that is broken",
          "make one: mkpasswd -m yescrypt")
      }
      hashes[name] = String(parts[1])
    }
    self.hashes = hashes
  }

  package static func read(_ file: String) throws(WebError) -> StaffUsers {
    guard let bytes = FileManager.default.contents(atPath: file) else {
      throw WebError(
        place: file, problem: "cannot be read",
        remedy: "make it, with a line NAME:HASH for each of the staff")
    }
    return try StaffUsers(String(decoding: bytes, as: UTF8.self), file: file)
  }

  /// Why nobody can sign in; nil where it is well.
  static func fault(_ file: String) -> WebError? {
    do {
      _ = try read(file)
      return nil
    } catch { return error }
  }

  private static func isName(_ name: String) -> Bool {
    (1...64).contains(name.utf8.count)
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
          UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }

  /// - Returns: true where the password is the name's. A name that is not there takes as long.
  package func accepts(_ name: String, _ password: String) -> Bool {
    let hash = hashes[name]
    // Somebody's setting, so that the costs are the same; where there is nobody, the default's.
    let setting = hash ?? hashes.min { $0.key < $1.key }?.value ?? "$y$j9T$sperrwrk"
    let given = PasswordHash.of(String(password.prefix(512)), setting: setting) ?? ""
    return ConstantTime.equal(given, setting) && hash != nil
  }
}

/// Tries passwords one after the other, on a thread of its own: it is the one slow thing that the pages do.
final class PasswordTest: Sendable {
  enum Verdict {
    case right, wrong
    /// Too many wait.
    case busy
    /// The users' file is not well: an alert says how.
    case faulty
  }

  private let queue = DispatchQueue(label: "sperrwerk.passwords")
  private let file: StaffFile
  private let waiting = Atomic<Int>(0)
  /// Strangers who may wait, and with them those who have places of their own beside them.
  private static let (most, mostWithKnown) = (8, 16)

  init(file: String) { self.file = StaffFile(file) }

  /// - Parameter isKnown: somebody who has signed in before, and does not wait behind strangers' tries.
  func verdict(_ name: String, _ password: String, isKnown: Bool) async -> Verdict {
    defer { waiting.subtract(1, ordering: .relaxed) }
    let places = isKnown ? Self.mostWithKnown : Self.most
    if waiting.add(1, ordering: .relaxed).newValue > places { return .busy }
    return await withCheckedContinuation { done in
      queue.async {
        guard let users = try? self.file.users() else {
          return done.resume(returning: .faulty)
        }
        done.resume(returning: users.accepts(name, password) ? .right : .wrong)
      }
    }
  }

  /// What a name's line holds now; nil where it is gone.
  func hash(of name: String) -> String? { try? file.users().hashes[name] }

  /// Whether a session is to end with the line that let it in.
  func hasStruck(_ session: StaffSession) -> Bool {
    file.hasStruck(session.name, hash: session.hash)
  }
}
