package import Events
import Glibc

/// One of the few things that only root may do, as the service asks for it.
///
/// What stands here is all that root does for this service: whoever takes the service over can hold, release
/// and requeue mail, delete what is on hold, end one login's sessions, and no more.
package struct RootOrder: Equatable, Sendable {
  package let program: String
  package let arguments: [String]
  package let input: String

  private static let postsuper = "/usr/sbin/postsuper"
  private static let doveadm = "/usr/bin/doveadm"

  /// - Parameters:
  ///   - words: the program by its whole path, and its arguments.
  ///   - input: what it reads: queue ids, a line each.
  package init(_ words: [String], input: String) throws(ActionError) {
    guard let program = words.first, Self.isAllowed(program, Array(words.dropFirst()))
    else { throw Self.refusal(words.joined(separator: " ").prefix(200)) }
    let ids = input.split(separator: "\n")
    guard program == Self.postsuper ? ids.allSatisfy(Self.isQueueID) : input.isEmpty else {
      throw Self.refusal("what is to be read by \(program)")
    }
    (self.program, self.input) = (program, input)
    arguments = Array(words.dropFirst())
  }

  private static func isAllowed(_ program: String, _ arguments: [String]) -> Bool {
    switch program {
    case postsuper:
      let options = withoutConfiguration(arguments)
      return [["-h", "-"], ["-H", "-"], ["-r", "-", "hold"], ["-d", "-", "hold"]].contains(options)
    case doveadm:
      guard let login = arguments.last, isLogin(login) else { return false }
      return [["kick"], ["auth", "cache", "flush"]].contains(Array(arguments.dropLast()))
    default: return false
    }
  }

  /// A folder that anybody but root can write would name any queue and any program: only /etc/postfix and its
  /// other instances, such as /etc/postfix-out.
  private static func withoutConfiguration(_ arguments: [String]) -> [String]? {
    guard arguments.first == "-c" else { return arguments }
    guard arguments.count > 1, arguments[1].hasPrefix("/etc/postfix"),
      arguments[1].dropFirst(12).utf8.allSatisfy({ isWord($0) || $0 == 45 })
    else { return nil }
    return Array(arguments.dropFirst(2))
  }

  /// `doveadm kick` takes masks, and addresses and networks: `*` would be everybody, and so would `0.0.0.0/0`.
  package static func isLogin(_ login: String) -> Bool {
    SMTPText.isTableKey(login) && !login.contains { "*?".contains($0) }
      && login.utf8.contains { isLetter($0) || $0 == UInt8(ascii: "@") }
      && !isAddress(login.prefix { $0 != "/" })
  }

  /// As doveadm itself reads it: also `0x0`, `127.1` and `[::]`. Source: Dovecot, `net_parse_range`.
  private static func isAddress(_ text: Substring) -> Bool {
    var v4 = in_addr()
    var v6 = in6_addr()
    let plain = text.hasPrefix("[") && text.hasSuffix("]") ? text.dropFirst().dropLast() : text
    return unsafe inet_aton(String(plain), &v4) != 0
      || inet_pton(AF_INET6, String(plain), &v6) == 1
  }

  /// Short and long ids are letters and digits; `ALL` is every message there is.
  private static func isQueueID(_ id: Substring) -> Bool {
    id.utf8.count > 3 && id.utf8.count < 64 && id.utf8.allSatisfy(isWord)
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || isLetter(byte)
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (65...90).contains(byte) || (97...122).contains(byte)
  }

  private static func refusal(_ what: some StringProtocol) -> ActionError {
    ActionError(
      place: "as root", problem: "'\(what)' is none of the orders that root carries out",
      remedy: "see RIGHTS in sperrwerk(8)")
  }
}
