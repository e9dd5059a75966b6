import Actions
import Glibc

/// What the service may do with files.
///
/// Root may everything: where doctor is root, the user who owns the state folder is asked for, since the service
/// runs as that one.
struct FileRights: Sendable {
  enum Right: String, Sendable {
    case read, write, run
    /// To make files in a folder, and to replace them.
    case fill

    fileprivate var mode: Int32 {
      switch self {
      case .read: R_OK
      case .write: W_OK
      case .run: X_OK
      case .fill: W_OK | X_OK
      }
    }
  }

  struct Wish: Hashable, Sendable {
    let right: Right
    let path: String

    init(_ right: Right, _ path: String) { (self.right, self.path) = (right, path) }

    /// - Parameter word: such as `read:/var/log/mail.log`.
    init?(_ word: String) {
      let parts = word.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, let right = Right(rawValue: String(parts[0])) else { return nil }
      self.init(right, String(parts[1]))
    }

    var word: String { "\(right.rawValue):\(path)" }

    /// As who asks.
    var isGranted: Bool { unsafe access(path, right.mode) == 0 }
  }

  /// Whose rights are looked at; nil: those of who asks.
  let user: String?
  /// As a remedy names that user.
  var who: String { user.map { "user \($0)" } ?? "this user" }

  init(_ settings: LiveSettings) {
    let owner = geteuid() == 0 ? Self.owner(settings["state"]) : nil
    user = owner.flatMap { $0 == 0 ? nil : (try? LoginName.of(Int32(bitPattern: $0))) ?? nil }
  }

  static func owner(_ path: String) -> uid_t? {
    var status = stat()
    return unsafe stat(path, &status) == 0 ? status.st_uid : nil
  }

  func grants(_ right: Right, _ path: String) async -> Bool {
    await denied([Wish(right, path)]).isEmpty
  }

  func denied(_ wishes: [Wish]) async -> Set<Wish> {
    if let user, let denied = await denied(wishes, user) { return denied }
    return Set(wishes.filter { !$0.isGranted })
  }

  /// Nil where it cannot be asked.
  private func denied(_ wishes: [Wish], _ user: String) async -> Set<Wish>? {
    let answer = try? await Program("/proc/self/exe")
      .run(["ask-rights", "--as", user, "--"] + wishes.map(\.word))
    guard let answer, answer.status == 0 else { return nil }
    return Set(answer.output.split(separator: "\n").compactMap { Wish(String($0)) })
  }
}
