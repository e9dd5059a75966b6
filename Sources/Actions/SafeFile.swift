package import Events
package import Glibc

/// A file that is replaced whole: readers see the old text or the new one, also after a power cut.
package enum SafeFile {
  package static func write(_ text: String, to path: String, mode: mode_t = 0o644)
    throws(ActionError)
  {
    let fresh = path + ".new"
    let descriptor = unsafe open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw fault(fresh) }
    // Whatever the umask: websites must be able to read their list, nobody else the accounts'.
    fchmod(descriptor, mode)
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        let error = fault(fresh)
        close(descriptor)
        throw error
      }
      bytes = bytes.dropFirst(count)
    }
    let isKept = fsync(descriptor) == 0
    close(descriptor)
    guard isKept, unsafe rename(fresh, path) == 0 else { throw fault(path) }
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    let handle = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if handle >= 0 {
      fsync(handle)
      close(handle)
    }
  }

  private static func fault(_ path: String) -> ActionError {
    let why = unsafe String(cString: strerror(errno))
    return ActionError(
      place: path, problem: why.lowercased(),
      remedy: "see that the folder exists, may be written and has room")
  }
}
