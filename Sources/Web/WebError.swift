/// What keeps the pages from being served, and what to do.
package struct WebError: Error, Equatable, CustomStringConvertible {
  package let place, problem, remedy: String

  package init(place: String, problem: String, remedy: String) {
    (self.place, self.problem, self.remedy) = (place, problem, remedy)
  }

  package var description: String { "\(place): \(problem); \(remedy)" }
}
