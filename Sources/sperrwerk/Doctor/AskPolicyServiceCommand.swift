import ArgumentParser
import Events
import Glibc

/// Asks the policy service as Postfix would: as its user, in its folder. Only `doctor` calls it, as a process of its
/// own: giving up root is for ever.
struct AskPolicyServiceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ask-policy-service", abstract: "Ask the policy service as Postfix would.",
    shouldDisplay: false)

  @Argument(help: "As in main.cf: unix:sperrwerk/policy or inet:127.0.0.1:10031.")
  var address: String
  @Option(name: .customLong("as"), help: "The user.") var user: String
  @Option(name: .customLong("in"), help: "Postfix's queue folder.") var folder: String
  @Flag(help: "From within a chroot there.") var chroot = false

  func run() throws {
    guard unsafe chdir(folder) == 0 else { throw fault("\(folder) cannot be entered") }
    // Before a chroot, where no user is known.
    guard let account = LocalUser(user) else { throw fault("there is no user \(user)") }
    if chroot, unsafe Glibc.chroot(folder) != 0 {
      throw fault("\(folder) is no place for a chroot")
    }
    guard account.become() else {
      throw fault("this process cannot become user \(user)")
    }
    guard let descriptor = connected() else { throw fault("\(address) cannot be opened") }
    let request = Array("request=smtpd_access_policy\nprotocol_state=RCPT\n\n".utf8)
    guard LocalSocket.write(request, to: descriptor),
      LocalSocket.readLine(descriptor, most: 512).starts(with: Array("action=".utf8))
    else {
      throw fault("\(address) gives no answer of a policy service")
    }
  }

  private func connected() -> Int32? {
    if address.hasPrefix("unix:") { return LocalSocket.connect(String(address.dropFirst(5))) }
    guard let place = OwnPolicyService.place(address) else { return nil }
    let hosts = place.host == "localhost" ? ["127.0.0.1", "::1"] : [place.host]
    return hosts.lazy.compactMap { LocalSocket.connect(host: $0, port: place.port) }.first
  }

  private func fault(_ what: String) -> ExitCode {
    Output.complain("\(what) as user \(user)")
    return ExitCode.failure
  }
}
