import Glibc

/// What the settings name is there, and this user may use it.
struct FileExamination: Examination {
  static let area = Finding.Area.files
  let settings: LiveSettings
  init(_ settings: LiveSettings) { self.settings = settings }

  func findings() async -> [Finding] {
    files + folders + programs + [state]
  }

  private var files: [Finding] {
    ["accounts", "sites", "contacts", "password_changes", "geo", "asn"].compactMap { key in
      settings.path(key).map { file in
        finding(
          unsafe access(file, R_OK) == 0, "\(key): \(file) can be read",
          "correct '\(key)', or let this user read the file")
      }
    }
  }

  private var folders: [Finding] {
    ["postfix.table", "postfix.sites", "policy_service.socket", "operators.socket"]
      .compactMap { key in
        settings.path(key).map { file in
          let folder = file.lastIndex(of: "/").map { String(file[..<$0]) } ?? "."
          return finding(
            unsafe access(folder, W_OK) == 0, "\(key): \(folder) can be written",
            "make the folder, and let this user write there")
        }
      }
  }

  private var programs: [Finding] {
    [
      "postfix.postmap", "postfix.postsuper", "postfix.postqueue", "postfix.postconf",
      "dovecot.doveadm", "sendmail",
    ].compactMap { key in
      settings.path(key).map { program in
        finding(
          unsafe access(program, X_OK) == 0, "\(key): \(program)",
          "install it, or correct '\(key)'")
      }
    }
  }

  /// Names of customers and what they did stand there.
  private var state: Finding {
    let folder = settings["state"]
    var status = stat()
    guard unsafe stat(folder, &status) == 0 else {
      return finding(
        false, "state: \(folder) is there",
        "make the folder, owned by the service's user: mode 0750")
    }
    return finding(
      unsafe status.st_mode & 0o007 == 0 && access(folder, W_OK) == 0,
      "state: \(folder) can be written, and others cannot look into it",
      "chmod 0750 \(folder), owned by the service's user: it holds personal data")
  }
}
