import Glibc

/// What the settings name is there, and the service may use it.
struct FileExamination: Examination {
  static let area = Finding.Area.files
  let settings: LiveSettings
  private let rights: FileRights

  init(_ settings: LiveSettings) {
    self.settings = settings
    rights = FileRights(settings)
  }

  private struct Point {
    let wish: FileRights.Wish
    let what, remedy: String
    var isForRoot = false
  }

  func findings() async -> [Finding] {
    let points = files + secrets + folders + programs
    let folder = FileRights.Wish(.fill, settings["state"])
    let denied = await rights.denied(points.map(\.wish) + [folder])
    return points.map { point in
      finding(
        point.isForRoot ? point.wish.isGranted : !denied.contains(point.wish), point.what,
        point.remedy)
    } + [state(isWritable: !denied.contains(folder))] + owner
  }

  private var files: [Point] {
    ["accounts", "sites", "contacts", "password_changes", "geo", "asn"].compactMap { key in
      settings.path(key).map { readable($0, key) }
    }
  }

  /// Whether they are there is looked at elsewhere; root may read them in any case.
  private var secrets: [Point] {
    guard rights.user != nil else { return [] }
    let ledger = settings.ledger
    return [
      "policies", "passwords.passwd_file", "passwords.key", "web.tls_certificate", "web.tls_key",
      "web.staff_users",
    ].compactMap { key in
      settings.path(key).flatMap { InitCommand.exists($0) ? readable($0, key) : nil }
    }
      + (InitCommand.exists(ledger)
        ? [
          Point(
            wish: .init(.write, ledger), what: "the ledger \(ledger) can be written",
            remedy: "give it to \(rights.who)")
        ] : [])
  }

  private func readable(_ file: String, _ key: String) -> Point {
    Point(
      wish: .init(.read, file), what: "\(key): \(file) can be read",
      remedy: "correct '\(key)', or let \(rights.who) read the file")
  }

  private var folders: [Point] {
    ["postfix.table", "postfix.sites", "policy_service.socket", "operators.socket"]
      .compactMap { key in
        settings.path(key).map { file in
          let folder = file.lastIndex(of: "/").map { String(file[..<$0]) } ?? "."
          return Point(
            wish: .init(.fill, folder), what: "\(key): \(folder) can be written",
            remedy: "make the folder, and let \(rights.who) write there")
        }
      }
  }

  // MARK: Programs

  /// These run as root where there are privileges for it, whoever else may not.
  private static let forRoot = ["postfix.postsuper", "dovecot.doveadm"]

  private var programs: [Point] {
    [
      "postfix.postmap", "postfix.postsuper", "postfix.postqueue", "postfix.postconf",
      "dovecot.doveadm", "sendmail",
    ].compactMap { key in
      settings.path(key).map { program in
        Point(
          wish: .init(.run, program), what: "\(key): \(program)",
          remedy: "install it, or correct '\(key)'",
          isForRoot: Self.forRoot.contains(key) && !settings.list("privileges").isEmpty)
      }
    }
  }

  // MARK: The state folder

  /// Names of customers and what they did stand there.
  private func state(isWritable: Bool) -> Finding {
    let folder = settings["state"]
    var status = stat()
    guard unsafe stat(folder, &status) == 0 else {
      return finding(
        false, "state: \(folder) is there",
        "make the folder, owned by the service's user: mode 0750")
    }
    return finding(
      isWritable && status.st_mode & 0o007 == 0,
      "state: \(folder) can be written, and others cannot look into it",
      "chmod 0750 \(folder), owned by the service's user: it holds personal data")
  }

  private var owner: [Finding] {
    guard geteuid() == 0, FileRights.owner(settings["state"]) == 0 else { return [] }
    return [
      note(
        "the state folder is root's: whether the service's user may use these files is not seen",
        "where the service runs as another user, give it the folder and run doctor again")
    ]
  }
}
