import Glibc

/// Who may give commands.
struct OperatorsExamination: Examination {
  static let area = Finding.Area.operators
  let settings: LiveSettings
  init(_ settings: LiveSettings) { self.settings = settings }

  func findings() async -> [Finding] {
    let socket = settings["operators.socket"]
    var status = stat()
    guard unsafe stat(socket, &status) == 0 else {
      return [note("the service does not run: there is no \(socket)")]
    }
    let who = "uid \(status.st_uid) and group \(Self.group(status.st_gid))"
    return [
      finding(
        status.st_mode & 0o007 == 0, "operators' commands are taken from \(who)",
        "others may give commands too: chmod o= \(socket)"),
      finding(
        unsafe access(socket, W_OK) == 0, "you may give commands",
        "become a member of group \(Self.group(status.st_gid)), or root"),
    ]
  }

  private static func group(_ gid: gid_t) -> String {
    guard let entry = unsafe getgrgid(gid) else { return "\(gid)" }
    return unsafe String(cString: entry.pointee.gr_name)
  }
}
