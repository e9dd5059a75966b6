import Glibc

/// Becomes readable when something in the folders of the watched files changes.
package final class ChangeWatch {
  package let descriptor: Int32

  package init(files: [String]) {
    descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
    let folders = Set(
      files.map { file in file.lastIndex(of: "/").map { String(file[..<$0]) } ?? "." })
    let changes = UInt32(IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE)
    for folder in folders.sorted() {
      _ = unsafe inotify_add_watch(descriptor, folder.isEmpty ? "/" : folder, changes)
    }
  }

  deinit { close(descriptor) }

  /// Takes off what has been told.
  package func drain() {
    var buffer = [UInt8](repeating: 0, count: 4096)
    while unsafe buffer.withUnsafeMutableBytes({ unsafe read(descriptor, $0.baseAddress, $0.count) }
    ) > 0 {}
  }
}
