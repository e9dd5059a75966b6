import Actions
import ArgumentParser
import Events
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
    let found = await HostLook().settings()
    let text = LiveSettings.template(found)
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
    output.line("\(file) written, as a dry run. Found on this host:")
    for key in SettingKey.all {
      guard let value = found[key.name] else { continue }
      output.line(OperatorText.wrapped("\(key.name): \(value)", indent: 4, first: 2))
    }
    if found.isEmpty { output.line("  nothing that differs from the defaults") }
    output.line("Next: sperrwerk doctor --settings \(file)")
    output.flush()
  }

  static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }
}
