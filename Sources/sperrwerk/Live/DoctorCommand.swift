import Actions
import ArgumentParser
import Events
import Glibc
import Policy
import Store

struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check everything the service needs, and say for each fault what to do.")

  @OptionGroup var place: SettingsPlace

  func run() async throws {
    let settings = try place.load()
    var checkup = Checkup(settings: settings)
    await checkup.examine()
    var output = Output()
    for finding in checkup.findings {
      let mark = finding.isWell ? Style.green("well ") : Style.red("FAULT")
      output.line("\(mark)  \(finding.what)")
      if let remedy = finding.remedy { output.line("       \(remedy)") }
    }
    let faults = checkup.findings.count { !$0.isWell }
    output.line(faults == 0 ? "all is well" : "\(faults) faults")
    output.flush()
    if faults > 0 { throw ExitCode.failure }
  }
}

/// One look at the host, point by point.
struct Checkup {
  struct Finding {
    var isWell: Bool
    var what: String
    var remedy: String?
  }

  let settings: LiveSettings
  private(set) var findings: [Finding] = []

  init(settings: LiveSettings) { self.settings = settings }

  mutating func examine() async {
    checkPolicies()
    checkFiles()
    checkLedger()
    await checkPostfix()
    checkClock()
  }

  private mutating func note(_ isWell: Bool, _ what: String, _ remedy: String) {
    findings.append(Finding(isWell: isWell, what: what, remedy: isWell ? nil : remedy))
  }

  // MARK: Our own things

  private mutating func checkPolicies() {
    let set = PolicySet(directory: settings["policies"])
    note(
      set.errors.isEmpty, "policies in \(settings["policies"]): \(set.policies.count)",
      set.errors.map { "\($0)" }.joined(separator: "\n       "))
  }

  private mutating func checkFiles() {
    for log in settings.list("logs") {
      note(
        unsafe access(log, R_OK) == 0, "log \(log) can be read",
        "name the mail log in 'logs', and let this user read it (group adm)")
    }
    for key in ["accounts", "sites", "password_changes", "geo", "asn"] {
      guard let file = settings.path(key) else { continue }
      note(
        unsafe access(file, R_OK) == 0, "\(key): \(file) can be read",
        "correct '\(key)', or let this user read the file")
    }
    for (key, file) in [
      ("postfix.table", settings["postfix.table"]), ("postfix.sites", settings["postfix.sites"]),
      ("policy_service.socket", settings["policy_service.socket"]),
      ("operators.socket", settings["operators.socket"]),
    ] where !file.isEmpty {
      let folder = file.lastIndex(of: "/").map { String(file[..<$0]) } ?? "."
      note(
        unsafe access(folder, W_OK) == 0, "\(key): \(folder) can be written",
        "make the folder, and let this user write there")
    }
    for key in ["postfix.postmap", "postfix.postsuper", "dovecot.doveadm"] {
      guard let program = settings.path(key) else { continue }
      note(
        unsafe access(program, X_OK) == 0, "\(key): \(program)",
        "install it, or correct '\(key)'")
    }
  }

  private mutating func checkLedger() {
    do {
      _ = try LedgerStore(settings.ledger)
      note(true, "the ledger in \(settings["state"]) is sound", "")
    } catch {
      note(false, "the ledger in \(settings["state"])", "\(error)")
    }
  }

  private mutating func checkClock() {
    let year = MachineClock.wall.rfc3339(digits: 0).prefix(4)
    note((Int(year) ?? 0) >= 2026, "the clock says \(year)", "set the clock: install chrony")
  }

  // MARK: Postfix

  private mutating func checkPostfix() async {
    let postfix = Postfix(folder: settings.path("postfix.config"))
    guard postfix.isThere else {
      note(false, "Postfix is not installed here", "this version acts on Postfix only")
      return
    }
    await checkLookups(postfix)
    let services = await postfix.smtpdServices()
    var offering = 0
    for service in services {
      func value(_ name: String) async -> String {
        if let own = service.parameters[name] { return own }
        return await postfix.setting(name) ?? ""
      }
      guard await value("smtpd_sasl_auth_enable") == "yes" else { continue }
      offering += 1
      check(
        service.name, sender: await value("smtpd_sender_restrictions"),
        end: await value("smtpd_end_of_data_restrictions"))
    }
    note(
      offering > 0, "\(offering) services take mail with a password",
      "no smtpd service in master.cf has smtpd_sasl_auth_enable=yes: nobody could be stopped")
  }

  private mutating func checkLookups(_ postfix: Postfix) async {
    let maps = try? await Program("/usr/sbin/postconf").run(["-m"])
    note(
      maps?.output.split(separator: "\n").contains("lmdb") == true, "Postfix knows lmdb tables",
      "apt install postfix-lmdb")
    let tries = await postfix.setting("smtpd_policy_service_try_limit") ?? "2"
    note(
      tries != "1", "smtpd_policy_service_try_limit is \(tries)",
      "remove it from main.cf: with 1 an smtpd that has lost us once never asks again")
    let users = await postfix.setting("authorized_submit_users") ?? ""
    note(
      users.contains(settings["postfix.sites"]),
      "websites can be stopped (authorized_submit_users)",
      "main.cf: authorized_submit_users = !\(settings["postfix.sites"]), static:all")
  }

  /// What stands before our two questions may let mail pass that they should stop.
  private mutating func check(_ service: String, sender: String, end: String) {
    let table = "lmdb:\(settings["postfix.table"])"
    let socket = settings["policy_service.socket"].split(separator: "/").last.map(String.init) ?? ""
    let parts = sender.split(whereSeparator: { ", \t{}".contains($0) }).map(String.init)
    let tableAt = parts.firstIndex(of: table)
    let askAt = parts.firstIndex {
      $0.hasSuffix(socket) || $0 == "inet:\(settings["policy_service.address"])"
    }
    let permitAt = parts.firstIndex { $0.hasPrefix("permit") } ?? Int.max
    note(
      (tableAt ?? .max) < permitAt, "\(service): asks the table before any permit",
      "smtpd_sender_restrictions = check_sasl_access \(table), … first in the list")
    note(
      (askAt ?? .max) < permitAt, "\(service): asks the policy service before any permit",
      "smtpd_sender_restrictions = …, check_policy_service { unix:private/sperrwerk, timeout=5s, default_action=DUNNO }"
    )
    note(
      end.contains(socket), "\(service): asks again at the end of data",
      "smtpd_end_of_data_restrictions = check_policy_service { unix:private/sperrwerk, timeout=5s, default_action=DUNNO }"
    )
    let opens = sender.contains("default_action=DUNNO") || sender.contains("default_action = DUNNO")
    note(
      true,
      "\(service): while this service is away mail \(opens ? "passes (fails open); the table goes on stopping" : "is refused with 451 (fails closed)")",
      "")
  }
}
