/// Why an order could not be carried out, and what to do.
package struct ActionError: Error, Equatable, CustomStringConvertible {
  package let place, problem, remedy: String
  package var description: String { "\(place): \(problem); \(remedy)" }

  package init(place: String, problem: String, remedy: String) {
    (self.place, self.problem, self.remedy) = (place, problem, remedy)
  }
}
