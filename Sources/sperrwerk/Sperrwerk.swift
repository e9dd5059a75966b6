import ArgumentParser

@main struct Sperrwerk: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sperrwerk",
    abstract: "Recognises hijacked mail accounts and websites, and locks only their sending.")
}
