package import Events
import Foundation
import Glibc
import Subprocess
import SystemPackage

/// Hands mail over to the mail system by its `sendmail` program, with the null sender: no answer comes back.
///
/// The program reads the message from a file, not from us: were it a pipe, a kill of this service would cut
/// the message in the middle, and the part would go out. A file without a name does as well.
package struct Sendmail: Sendable {
  package let path: String
  /// Where a message stands while it is handed over.
  package let folder: String
  package var limit: Duration = .seconds(30)

  package init(path: String, folder: String) { (self.path, self.folder) = (path, folder) }

  /// - Parameter name: the message's file; the same name for the same message.
  package func send(_ message: String, named name: String, to recipient: MailAddress)
    async throws(ActionError)
  {
    let file = "\(folder)/\(name).eml"
    try makeFolder()
    try SafeFile.write(message, to: file, mode: 0o600)
    try await hand(file, to: recipient)
    unsafe unlink(file)
  }

  /// The same from memory, for what must go out also where the disk takes nothing, and may come twice: whether it
  /// was handed over is not known after a crash.
  package func sendFromMemory(_ message: String, to recipient: MailAddress)
    async throws(ActionError)
  {
    let input = try InputFile(message, for: path)
    defer { withExtendedLifetime(input) {} }
    try await hand(input.descriptor.rawValue, to: recipient)
  }

  /// Whether a program of an earlier run still reads this message: it outlives a kill of this service.
  package func isBeingSent(_ name: String) -> Bool {
    let descriptor = unsafe open("\(folder)/\(name).eml", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_EX | LOCK_NB) != 0
  }

  /// Deletes the messages that nobody reads now and nobody will hand over again: of each try that failed and had a
  /// name of its own there is one.
  package func clear(except names: Set<String>) {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for file in files {
      let whole = file.hasSuffix(".new") ? file.dropLast(4) : file[...]
      guard whole.hasSuffix(".eml") else { continue }
      let name = String(whole.dropLast(4))
      if !names.contains(name), !isBeingSent(name) { unsafe unlink("\(folder)/\(file)") }
    }
  }

  private func makeFolder() throws(ActionError) {
    guard unsafe mkdir(folder, 0o700) == 0 || errno == EEXIST else {
      throw ActionError(
        place: folder, problem: "cannot be made",
        remedy: "let this user write in the folder above it")
    }
  }

  private func hand(_ file: String, to recipient: MailAddress) async throws(ActionError) {
    let descriptor = unsafe open(file, O_RDONLY | O_CLOEXEC)
    // The lock is the open file's: it lasts until the program has ended too.
    guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      if descriptor >= 0 { close(descriptor) }
      throw ActionError(
        place: file, problem: "is being sent already", remedy: "nothing; it is looked at again")
    }
    defer { close(descriptor) }
    try await hand(descriptor, to: recipient)
  }

  private func hand(_ descriptor: Int32, to recipient: MailAddress) async throws(ActionError) {
    let (status, errors) = try await run(descriptor, recipient)
    guard status == 0 else {
      throw ActionError(
        place: path,
        problem: "ended with \(status): \(errors.prefix(200).filter { !$0.isNewline })",
        remedy: "see whether the mail system takes mail of this user; it is tried again")
    }
  }

  private func run(_ descriptor: Int32, _ recipient: MailAddress) async throws(ActionError)
    -> (Int32, String)
  {
    let arguments = ["-i", "-f", "<>", "--", recipient.description]
    var program = Program(path)
    program.limit = limit
    return try await program.inTime { [path] in
      let result = try await Subprocess.run(
        .path(FilePath(path)), arguments: Arguments(arguments),
        input: .fileDescriptor(
          FileDescriptor(rawValue: descriptor), closeAfterSpawningProcess: false),
        output: .discarded, error: .string(limit: 1 << 16))
      return (Program.status(result.terminationStatus), result.standardError)
    }
  }
}
