import Glibc

/// That one service alone has a state folder. It ends with the process, however that ends.
package final class StateLock: Sendable {
  private let descriptor: Int32

  /// - Throws: where another service has it, with that one's number.
  package init(_ folder: String) throws(StoreError) {
    let path = folder + "/lock"
    descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .system(path, errno) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      var number = [UInt8](repeating: 0, count: 20)
      let count = unsafe read(descriptor, &number, number.count)
      let holder = String(decoding: number.prefix(max(0, count)), as: UTF8.self)
      close(descriptor)
      throw StoreError(
        place: folder, problem: "another 'sperrwerk run' has it, process \(holder)",
        remedy: "end that one first, or give this one settings of its own")
    }
    let text = Array("\(getpid())".utf8)
    _ = ftruncate(descriptor, 0)
    _ = unsafe write(descriptor, text, text.count)
  }

  deinit { close(descriptor) }
}
