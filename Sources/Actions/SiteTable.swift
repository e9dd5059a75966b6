package import Events
import Glibc

/// The file of login names behind `authorized_submit_users = !PATH, static:all`: the websites that may not
/// hand over mail. Postfix reads it at each call of sendmail.
package struct SiteTable: Sendable {
  package let path: String

  package init(path: String) { self.path = path }

  package func apply(_ uid: Int32, _ standing: Standing) throws(ActionError) -> String {
    if standing.sites[uid] == .suspended, Self.user(uid) == nil {
      throw ActionError(
        place: "uid \(uid)", problem: "has no login name, and Postfix stops websites by name",
        remedy: "give it an entry in passwd")
    }
    try rebuild(standing)
    switch standing.sites[uid] {
    case .suspended: return "\(Self.user(uid) ?? "") stands in \(path)"
    case .held: return "a website cannot be held here: it goes on sending until the grace is over"
    case nil: return "not in \(path)"
    }
  }

  package func rebuild(_ standing: Standing) throws(ActionError) {
    let names = standing.sites.filter { $0.value == .suspended }.keys.sorted().compactMap(Self.user)
    try SafeFile.write(names.map { $0 + "\n" }.joined(), to: path)
  }

  /// The login name of a uid, where the host has one.
  package static func user(_ uid: Int32) -> String? {
    guard let entry = unsafe getpwuid(uid_t(bitPattern: uid)) else { return nil }
    return unsafe String(cString: entry.pointee.pw_name)
  }
}
