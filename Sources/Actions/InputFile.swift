import Events
import Glibc
import SystemPackage

/// What a program is to read, as a piece of memory that is a file without a name.
///
/// Not a pipe: a program that ends without having read it breaks the pipe, and swift-subprocess 1.0.2 then ends
/// this whole service ("FileDescriptor was not closed", Configuration.swift).
final class InputFile: Sendable {
  let descriptor: FileDescriptor

  init(_ text: String, for program: String) throws(ActionError) {
    let name = "/sperrwerk-\(UInt64.random(in: 0...UInt64.max))"
    descriptor = FileDescriptor(
      rawValue: unsafe shm_open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600))
    _ = unsafe shm_unlink(name)
    do {
      guard descriptor.rawValue >= 0 else { throw Errno(rawValue: errno) }
      try descriptor.writeAll(text.utf8)
      try descriptor.seek(offset: 0, from: .start)
    } catch {
      throw ActionError(
        place: program, problem: "its input cannot be kept: \(error)",
        remedy: "see whether memory or open files run out")
    }
  }

  deinit { try? descriptor.close() }
}
