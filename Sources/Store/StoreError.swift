/// What is wrong with the database, and what to do.
package struct StoreError: Error, Equatable, CustomStringConvertible {
  package let place, problem, remedy: String
  package var description: String { "\(place): \(problem); \(remedy)" }

  package init(place: String, problem: String, remedy: String) {
    (self.place, self.problem, self.remedy) = (place, problem, remedy)
  }
}
