package import Events
import Glibc

/// The host's login names by uid, from passwd or a directory beside it.
package enum LoginName {
  /// - Returns: nil where the host has no such uid.
  /// - Throws: where nobody could answer: a directory that is away.
  package static func of(_ uid: Int32) throws(ActionError) -> String? {
    // Not getpwuid(3), which answers in a place that all threads share.
    var room = 1024
    while true {
      var buffer = [CChar](repeating: 0, count: room)
      var entry = unsafe passwd()
      var found: UnsafeMutablePointer<passwd>?
      let fault = unsafe getpwuid_r(
        uid_t(bitPattern: uid), &entry, &buffer, buffer.count, &found)
      switch fault {
      case 0:
        guard unsafe found != nil else { return nil }
        return unsafe String(cString: entry.pw_name)
      case EINTR: continue
      case ERANGE where room < 1 << 20: room *= 4
      default:
        let why = SystemFault(fault).text
        throw ActionError(
          place: "uid \(uid)", problem: "its login name cannot be asked: \(why)",
          remedy: "see whether 'getent passwd \(uid)' answers, and what nsswitch.conf names")
      }
    }
  }
}
