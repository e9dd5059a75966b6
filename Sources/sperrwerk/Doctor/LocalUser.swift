import Glibc

/// A user of this machine, whom a process that is root can become: for ever, and with it all its threads.
struct LocalUser {
  let name: String
  private let uid: uid_t
  private let gid: gid_t

  /// Nil where there is none of that name.
  init?(_ name: String) {
    guard let entry = unsafe getpwnam(name) else { return nil }
    self.name = name
    (uid, gid) = unsafe (entry.pointee.pw_uid, entry.pointee.pw_gid)
  }

  /// - Returns: false where this process may not.
  func become() -> Bool {
    unsafe initgroups(name, gid) == 0 && setgid(gid) == 0 && setuid(uid) == 0
  }
}
