import ArgumentParser
import Events
import Foundation
import Policy

struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Load and check all policies and lists; say what is wrong and where.",
    discussion:
      "Where this machine has a settings file it says too what these policies cannot do here.")

  @OptionGroup var options: PolicyOptions
  @OptionGroup var place: SettingsPlace

  func run() async throws {
    let policies = try options.load()
    var output = Output()
    if place.isThere, await !(try place.load()).canHoldSites {
      output.line(
        "warning: \(WebsiteExamination.cannotHold); 'sperrwerk doctor' says how to change that")
    }
    for warning in policies.warnings { output.line("warning: \(warning)") }
    let folder = try Replay.policyFolder(options.policies) + "/notices"
    // A folder of policies alone has none, and needs none for a replay.
    let notices =
      FileManager.default.fileExists(atPath: folder) ? NoticeSet(directory: folder) : nil
    let errors = policies.errors + (notices?.errors ?? [])
    for error in errors { output.line("\(error)") }
    if errors.isEmpty {
      output.line(
        OperatorText.wrapped(
          "\(policies.policies.count) policies are well, "
            + "\(NumberText.counted(policies.lists.entries.count, "list entry", "list entries")), "
            + "\(NumberText.counted(policies.replies.count, "reply pattern")) of your own"
            + (notices.map { ", notices in \($0.languages.joined(separator: " and "))" } ?? ""),
          indent: 2, first: 0))
    }
    output.flush()
    if !errors.isEmpty { throw ExitCode(65) }
  }
}

struct PoliciesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policies",
    abstract: "Show what each policy finds, its settings, their defaults and meaning.")

  @OptionGroup var options: PolicyOptions
  @Argument(help: "Only these policies.") var names: [String] = []

  func run() throws {
    let policies = try options.load()
    for error in policies.errors { Output.complain("\(error)") }
    var output = Output()
    for name in names where !policies.policies.contains(where: { $0.name == name }) {
      Output.complain(
        "no policy '\(name)'; \(NearMiss.remedy(name, among: policies.policies.map(\.name)))")
      throw ExitCode(65)
    }
    for policy in policies.policies where names.isEmpty || names.contains(policy.name) {
      output.line(
        Style.bold(policy.name) + (policy.isShadow ? " (shadow: decides, acts on nothing)" : ""))
      output.line(OperatorText.wrapped(policy.about, indent: 2))
      for setting in policy.settings {
        let change = setting.isChanged ? " (default \(setting.initial))" : ""
        let value = "    \(Style.padded("\(setting.name) = \(setting.text)\(change)", 24)) "
        output.line(value + OperatorText.wrapped(setting.note ?? "", indent: 29).dropFirst(29))
      }
      output.line()
    }
    output.flush()
    if !policies.errors.isEmpty { throw ExitCode(65) }
  }
}

/// Which policies, and what is changed in them.
struct PolicyOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Folder of policies (default: the shipped ones).", valueName: "dir"))
  var policies: String?
  @Option(
    help: ArgumentHelp(
      "Change a setting, such as queue-backlog.rejected=40.", valueName: "policy.setting=value"))
  var set: [String] = []
  @Option(
    help: ArgumentHelp("A further file of allow, protect and limit lists.", valueName: "file"))
  var lists: String?

  /// - Parameter shadow: the policies that decide, and act on nothing.
  func load(shadow: [String] = []) throws -> PolicySet {
    var loaded = PolicySet(
      directory: try Replay.policyFolder(policies), overrides: set, shadow: shadow)
    if let lists { loaded.addList(lists) }
    return loaded
  }
}
