import Glibc

/// How far a long reading has come, on a terminal only.
final class Progress {
  private let total: Int
  private var before = 0
  private let isTerminal = isatty(STDERR_FILENO) == 1

  init(total: Int) { self.total = total }

  func show(_ bytes: Int) {
    guard isTerminal, total > 0 else { return }
    let percent = min(100, (before + bytes) * 100 / total)
    let filled = percent * 30 / 100
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 30 - filled)
    Output.write(Array("\r  [\(bar)] \(percent) %".utf8), to: STDERR_FILENO)
  }

  func finished(_ bytes: Int) { before += bytes }

  func clear() {
    if isTerminal { Output.write(Array("\r\u{1b}[K".utf8), to: STDERR_FILENO) }
  }
}
