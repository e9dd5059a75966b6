import Events
import Glibc

/// The files that an operator named: folders opened, and rotated logs put in the order of their time.
package enum LogFiles {
  /// Folders give their files, in order of name; hidden ones are left out.
  package static func expanded(_ paths: [String]) -> [String] {
    paths.flatMap { path in isFolder(path) ? list(path) : [path] }
  }

  /// Those that are another file's second name: each file is read once.
  package static func repeated(_ files: [String]) -> [String] {
    var seen: Set<[UInt64]> = []
    return files.filter { file in
      FileStatus(path: file).map { !seen.insert([$0.device, $0.inode]).inserted } ?? false
    }
  }

  /// By the time of each file's first event, oldest first; files without one come last, as named.
  package static func inOrder(_ paths: [String], clock: (String) -> LogClock) -> [String] {
    let files = expanded(paths)
    guard files.count > 1 else { return files }
    let dated = files.enumerated().map { place, file in
      (time: firstTime(file, clock: clock(file)), place: place, file: file)
    }
    return dated.sorted { ($0.time, $0.place) < ($1.time, $1.place) }.map(\.file)
  }

  /// The rotated files of a log, in its folder: `mail.log.1`, `mail.log.2.gz`, `mail.log-20261123`.
  static func rotated(_ path: String) -> [String] {
    let slash = path.lastIndex(of: "/")
    let folder = slash.map { String(path[..<$0]) } ?? "."
    let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
    return list(folder).filter { file in
      let other = file.dropFirst(folder.count + 1)
      guard other.hasPrefix(name), other.count > name.count else { return false }
      let rest = other.dropFirst(name.count)
      return (rest.hasPrefix(".") || rest.hasPrefix("-"))
        && rest.dropFirst().first?.isNumber == true
    }
  }

  static let compressions = [".gz", ".xz", ".zst", ".bz2", ".lz4"]

  /// The number of `mail.log.2.gz`; nil where the file is named for a day.
  static func generation(_ path: String, of log: String) -> Int? {
    let digits = path.dropFirst(log.count + 1).prefix { $0 != "." }
    return path.dropFirst(log.count).first == "." && digits.count < 6 ? Int(digits) : nil
  }

  /// Of a file's first event; nil where it has none. Not while another stream reads the file.
  static func firstTime(_ file: OpenFile, _ clock: LogClock) -> Instant? {
    let memory = LogSource.Memory(clock: clock)
    guard let log = try? LogSource(file, follows: false, memory: memory), log.advance() else {
      return nil
    }
    return log.event.time
  }

  private static func firstTime(_ path: String, clock: LogClock) -> Instant {
    guard let log = try? LogSource(path, clock: clock), log.advance() else { return .distantFuture }
    return log.event.time
  }

  private static func isFolder(_ path: String) -> Bool {
    FileStatus(path: path)?.isFolder ?? false
  }

  private static func list(_ folder: String) -> [String] {
    guard let handle = unsafe opendir(folder) else { return [] }
    defer { unsafe closedir(handle) }
    var names: [String] = []
    while let entry = unsafe readdir(handle) {
      let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if !name.hasPrefix("."), !isFolder("\(folder)/\(name)") { names.append("\(folder)/\(name)") }
    }
    return names.sorted()
  }
}
