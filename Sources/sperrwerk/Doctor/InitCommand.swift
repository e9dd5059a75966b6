import Actions
import ArgumentParser
import Glibc

struct InitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Look at this host and write a settings file, with every setting and its meaning.",
    discussion: "What it writes begins as a dry run.")

  @Argument(help: "The file to write; - is standard output.")
  var file = "/etc/sperrwerk/sperrwerk.yaml"
  @Flag(help: "Replace a file that is there.") var force = false

  func run() async throws {
    let text = LiveSettings.template(await Self.look())
    if file == "-" {
      var output = Output()
      output.write(text)
      output.flush()
      return
    }
    if !force, unsafe access(file, F_OK) == 0 {
      Output.complain("\(file): is there already; say --force to replace it")
      throw ExitCode(73)
    }
    do { try SafeFile.write(text, to: file, mode: 0o640) } catch {
      Output.complain("\(error)")
      throw ExitCode(73)
    }
    var output = Output()
    output.line("\(file) written, as a dry run. Next: sperrwerk doctor --settings \(file)")
    output.flush()
  }

  /// What this host has that differs from the defaults.
  static func look() async -> [String: String] {
    var found: [String: String] = [:]
    let logs = ["/var/log/mail.log", "/var/log/maillog", "/var/log/exim4/mainlog"].filter(exists)
    if !logs.isEmpty { found["logs"] = "[\(logs.joined(separator: ", "))]" }
    if let log = await doveconf("log_path"), log.hasPrefix("/"), exists(log) {
      found["logs"] = "[\((logs + [log]).joined(separator: ", "))]"
    }
    if exists("/usr/bin/doveadm") { found["dovecot.doveadm"] = "/usr/bin/doveadm" }
    if let queue = await Postfix().setting("queue_directory"), queue != "/var/spool/postfix" {
      found["policy_service.socket"] = "\(queue)/sperrwerk/policy"
    }
    if let program = installedProgram { found["privileges"] = "[\(program), as-root]" }
    for (key, path) in [
      ("accounts", "/etc/sperrwerk/accounts.csv"), ("sites", "/etc/sperrwerk/websites.csv"),
      ("geo", "/usr/share/GeoIP/GeoLite2-City.mmdb"), ("asn", "/usr/share/GeoIP/GeoLite2-ASN.mmdb"),
    ] where exists(path) { found[key] = path }
    return found
  }

  /// This program where it stands beside the units that `make install` and the package bring: then it need not be root.
  private static var installedProgram: String? {
    let units = ["/lib/systemd/system", "/usr/local/lib/systemd/system", "/etc/systemd/system"]
    guard units.contains(where: { exists("\($0)/sperrwerk-root.socket") }) else { return nil }
    return ["/usr/bin/sperrwerk", "/usr/local/bin/sperrwerk"].first(where: exists)
  }

  private static func doveconf(_ name: String) async -> String? {
    guard exists("/usr/bin/doveconf"),
      let result = try? await Program("/usr/bin/doveconf").run(["-h", name]), result.status == 0
    else { return nil }
    return result.output.split(separator: "\n").first.map(String.init)
  }

  static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }
}
