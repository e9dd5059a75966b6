import Glibc

/// Who wrote a journal entry: fields that journald takes from the kernel, and that no writer can choose.
struct JournalWriter: Sendable {
  /// `_EXE`; nil where the process was gone before journald could look.
  var executable: String?
  /// `_COMM`: the program's name, which its own user may choose.
  var command: String?
  /// `_UID`; nil in a journal that was made of something else.
  var uid: Int?
}

extension JournalWriter: CustomStringConvertible {
  var description: String {
    "\(executable ?? command ?? "a program that is gone") (\(owner))"
  }
  /// The one part of it that nobody can vary.
  var owner: String { "uid \(uid.map(String.init) ?? "unknown")" }
}

/// Whose lines count for the mail system's.
package struct JournalWriters: Sendable {
  /// The uids under which the mail system's own programs run, beside root.
  private let uids: Set<Int>

  package init(uids: Set<Int>) { self.uids = uids.union([0]) }

  /// By the names that Debian gives them.
  package static var ofThisHost: JournalWriters {
    let names = ["postfix", "dovecot", "dovenull", "vmail", "Debian-exim"]
    return JournalWriters(uids: Set(names.compactMap(uid)))
  }

  private static func uid(_ name: String) -> Int? {
    guard let entry = unsafe getpwnam(name) else { return nil }
    return Int(unsafe entry.pointee.pw_uid)
  }

  /// Whether a line with the tag may be of the writer.
  ///
  /// A program counts by its file, where no customer can put one of his own; `logger -t postfix/smtpd` and
  /// `postlog -t …` are programs of another name. Without a file the uid must be the mail system's.
  func may(_ writer: JournalWriter, _ program: TagCache.Program, _ tag: String) -> Bool {
    if let executable = writer.executable {
      return Self.folders.contains { executable.hasPrefix($0) }
        && fits(String(executable.split(separator: "/").last ?? ""), executable, program, tag)
    }
    guard let uid = writer.uid else { return true }
    guard uids.contains(uid) else { return false }
    return writer.command.map { fits($0, "", program, tag) } ?? true
  }

  private static let folders = ["/usr/", "/opt/", "/lib/", "/sbin/", "/bin/"]

  private func fits(
    _ name: String, _ path: String, _ program: TagCache.Program, _ tag: String
  ) -> Bool {
    switch program {
    case .postfix:
      let leaf = String(tag.split(separator: "/").last ?? "")
      // One program under two names.
      let isTwin = ["smtp", "lmtp"].contains(leaf) && ["smtp", "lmtp"].contains(name)
      return name == leaf || isTwin || (leaf == "qmgr" && name.hasSuffix("qmgr"))
    case .dovecot, .dovecotDaemon:
      return name == "dovecot" || path.contains("/dovecot/")
        || (path.isEmpty && ["log", "auth", "imap-login", "pop3-login", tag].contains(name))
    case .exim: return name.hasPrefix("exim")
    // A website's own line; it tells which script, and decides nothing.
    case .php, .unknown: return true
    }
  }
}
