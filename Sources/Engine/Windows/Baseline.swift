/// A subject's present against its own past: the sum within `over`, and the highest such sum before.
///
/// The past is kept as one peak a period (the longer of `over` and a day), for 45 periods. What lies
/// in the running period and the one before it is not yet past, so that a burst does not excuse
/// itself by going on.
struct Baseline: Equatable {
  static let periods = 45

  private(set) var recent = Buckets()
  private var peaks: [Peak] = []
  private(set) var since = Int32.max
  private(set) var events: Int64 = 0

  private struct Peak: Equatable {
    var period: Int32
    var amount: Int64
  }

  /// - Parameter period: the number of the period that `bucket` falls into.
  mutating func add(_ amount: Int32, bucket: Int32, keep: Int32, period: Int32) {
    since = min(since, bucket)
    events += 1
    recent.add(amount, bucket: bucket, keep: keep)
    if let last = peaks.last, last.period >= period {
      peaks[peaks.count - 1].amount = max(last.amount, recent.total)
    } else {
      if peaks.count == Self.periods { peaks.removeFirst() }
      peaks.append(Peak(period: period, amount: recent.total))
    }
  }

  /// How many times the own peak the present is; nil while there is no past to compare with.
  mutating func ratio(bucket: Int32, keep: Int32, period: Int32, warmUp: Int32) -> Double? {
    recent.expire(bucket: bucket, keep: keep)
    guard since <= bucket - warmUp || events - recent.total >= 20 else { return nil }
    let past = peaks.filter { $0.period < period - 1 || ($0.period < period && peaks.count > 2) }
    let peak = past.map(\.amount).max() ?? 0
    return Double(recent.total) / Double(max(1, peak))
  }

  mutating func forget(since period: Int32) {
    recent.removeAll()
    peaks.removeAll { $0.period >= period }
  }

  // MARK: Bytes

  func write(to bytes: inout SnapshotWriter) {
    recent.write(to: &bytes)
    bytes.append(Int64(since))
    bytes.append(events)
    bytes.append(count: peaks.count)
    for peak in peaks {
      bytes.append(Int64(peak.period))
      bytes.append(peak.amount)
    }
  }

  init() {}

  init(from bytes: inout SnapshotReader) throws(SnapshotError) {
    recent = try Buckets(from: &bytes)
    since = Int32(truncatingIfNeeded: try bytes.integer())
    events = try bytes.integer()
    for _ in 0..<(try bytes.count()) {
      peaks.append(
        Peak(period: Int32(truncatingIfNeeded: try bytes.integer()), amount: try bytes.integer()))
    }
  }
}
