import Events
import Glibc

/// What is wrong with the database, and what to do.
package struct StoreError: Error, Equatable, CustomStringConvertible {
  package let place, problem, remedy: String
  package var description: String { "\(place): \(problem); \(remedy)" }

  package init(place: String, problem: String, remedy: String) {
    (self.place, self.problem, self.remedy) = (place, problem, remedy)
  }

  /// What the system says of a file, and what to do about that.
  /// - Parameter code: as in `errno`.
  package static func system(_ path: String, _ code: CInt) -> StoreError {
    StoreError(
      place: path, problem: SystemFault(code).text,
      remedy: code == ENOENT || code == ENOTDIR
        ? "make the folder, owned by the service's user: mode 0750"
        : "see that its folder is writable and has room")
  }
}
