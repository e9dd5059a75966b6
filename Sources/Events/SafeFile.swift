package import Glibc

/// A file that is replaced whole: readers see the old one or the new one, also after a power cut.
package enum SafeFile {
  /// - Parameter mode: whatever the umask is.
  /// - Throws: what the system says, in words.
  package static func replace(_ path: String, with bytes: [UInt8], mode: mode_t)
    throws(SystemFault)
  {
    let fresh = path + ".new"
    // What is left of a try that was cut off may be open to others.
    _ = unsafe unlink(fresh)
    do throws(SystemFault) {
      try write(fresh, bytes, mode)
      guard unsafe rename(fresh, path) == 0 else { throw SystemFault() }
    } catch {
      _ = unsafe unlink(fresh)
      throw error
    }
    let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) }
    let handle = unsafe open(folder ?? ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if handle >= 0 {
      fsync(handle)
      close(handle)
    }
  }

  private static func write(_ path: String, _ bytes: [UInt8], _ mode: mode_t) throws(SystemFault) {
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw SystemFault() }
    do throws(SystemFault) { try fill(descriptor, bytes, mode) } catch {
      close(descriptor)
      throw error
    }
    // What close says is of a network's file system.
    guard close(descriptor) == 0 else { throw SystemFault() }
  }

  private static func fill(_ descriptor: Int32, _ bytes: [UInt8], _ mode: mode_t)
    throws(SystemFault)
  {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw SystemFault() }
      rest = rest.dropFirst(count)
    }
    guard fchmod(descriptor, mode) == 0, fsync(descriptor) == 0 else { throw SystemFault() }
  }
}
