/// What keeps a log, a queue snapshot or a password log from being read, in the operator's words.
///
/// Shape: `mail.log.3.gz: truncated gzip input; copy the file again, 18,202 lines before it were read`
package struct CollectorError: Error, Equatable, Sendable, CustomStringConvertible {
  package let place, problem, remedy: String

  package init(place: String, problem: String, remedy: String) {
    (self.place, self.problem, self.remedy) = (place, problem, remedy)
  }

  package var description: String { "\(place): \(problem); \(remedy)" }
}
