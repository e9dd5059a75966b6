/// A fault in a policy file, in the operator's words: where, what, and what to do next.
///
/// Shape: `policies/rejections.lua:14: suspend has no field 'raeson'; did you mean 'reason'?`
package struct PolicyError: Error, Equatable, Sendable, CustomStringConvertible {
  /// `FILE:LINE`, or the file alone where a line cannot be told.
  package let place: String
  package let problem, remedy: String

  package init(place: String, problem: String, remedy: String) {
    (self.place, self.problem, self.remedy) = (place, problem, remedy)
  }

  /// What the command line changed may be what is wrong, and not the file.
  func told(of overrides: [String]) -> PolicyError {
    guard !overrides.isEmpty, !place.hasPrefix("--set") else { return self }
    let said = overrides.map { "--set \($0)" }.joined(separator: " ")
    return PolicyError(place: place, problem: "\(problem) (with \(said))", remedy: remedy)
  }

  package var description: String { "\(place): \(problem); \(remedy)" }
}
