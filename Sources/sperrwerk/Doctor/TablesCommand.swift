import Actions
import ArgumentParser
import Glibc

struct TablesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tables",
    abstract: "Make the tables that Postfix asks, empty, where they are missing.",
    discussion: "Before main.cf names them; also in a dry run. What is there stays as it is.")

  @OptionGroup var place: SettingsPlace

  func run() async throws {
    let settings = try place.load()
    try becomeOwner(of: settings["postfix.table"])
    var output = Output()
    do {
      let made = try await settings.missingTables.make()
      for path in made { output.line("\(path) made, empty") }
      if made.isEmpty { output.line("all tables are there") }
      output.flush()
    } catch {
      Output.complain("\(error)")
      throw ExitCode(73)
    }
  }

  /// The tables are the service's. And root must follow no link that somebody has put into its folder.
  private func becomeOwner(of table: String) throws {
    let folder = table.lastIndex(of: "/").map { String(table[..<$0]) } ?? "."
    var status = stat()
    guard geteuid() == 0, unsafe stat(folder, &status) == 0, status.st_uid != 0 else { return }
    guard setgroups(0, nil) == 0, setgid(status.st_gid) == 0, setuid(status.st_uid) == 0
    else {
      Output.complain("\(folder): this process cannot become uid \(status.st_uid), its owner")
      throw ExitCode(73)
    }
  }
}

extension LiveSettings {
  /// What main.cf may name.
  var missingTables: MissingTables {
    MissingTables(
      tables: [self["postfix.table"], heldSites.path], sites: self["postfix.sites"],
      postmap: self["postfix.postmap"], configuration: path("postfix.config"))
  }
}
