import Policy

/// Wald's sequential probability ratio test, begun anew whenever it has acquitted.
///
/// Its value is the evidence gathered as a share of what condemns: 1 is sure by the error rates set.
/// Source: Wald, "Sequential Tests of Statistical Hypotheses", 1945.
struct SequentialTest: Equatable {
  private(set) var evidence = 0.0
  private(set) var newest = Int32.min

  /// What one outcome adds, and the bound; worked out once from a declaration.
  struct Steps: Equatable {
    let bad, good, bound: Double

    init(_ test: WindowDeclaration.Sequential) {
      bad = naturalLogarithm(test.p1 / test.p0)
      good = naturalLogarithm((1 - test.p1) / (1 - test.p0))
      bound = naturalLogarithm((1 - test.beta) / test.alpha)
    }
  }

  mutating func add(isBad: Bool, steps: Steps, bucket: Int32, keep: Int32) {
    if newest < bucket - keep { evidence = 0 }
    newest = bucket
    evidence = min(max(0, evidence + (isBad ? steps.bad : steps.good)), steps.bound * 4)
  }

  func value(steps: Steps, bucket: Int32, keep: Int32) -> Double {
    newest < bucket - keep ? 0 : evidence / steps.bound
  }

  init() {}

  init(from bytes: inout SnapshotReader) throws(SnapshotError) {
    evidence = try bytes.double()
    newest = Int32(truncatingIfNeeded: try bytes.integer())
  }

  func write(to bytes: inout SnapshotWriter) {
    bytes.append(evidence)
    bytes.append(Int64(newest))
  }
}
