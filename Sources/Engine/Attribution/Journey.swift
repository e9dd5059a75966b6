import Events
import Glibc

/// Where an account was seen last, to tell how fast it must have travelled.
///
/// Databases err by hundreds of kilometres, and within a country by more than that: only a journey across
/// a border and of at least 500 km has a speed.
struct Journey {
  private static let leastKilometres = 500.0

  private struct Stop {
    var place: Geo.Place
    var second: Int64
  }

  private var stops: [Int32: Stop] = [:]

  /// - Returns: kilometres an hour since the last login from elsewhere; nil where there was none.
  mutating func speed(_ subject: Int32, _ place: Geo.Place, second: Int64) -> Double? {
    guard place.country != 0, place.latitude.isFinite, place.longitude.isFinite else { return nil }
    let last = stops.updateValue(Stop(place: place, second: second), forKey: subject)
    guard let last, last.place.country != place.country else { return nil }
    let kilometres = Self.distance(last.place, place)
    guard kilometres >= Self.leastKilometres else { return nil }
    return kilometres / max(1.0 / 60, Double(second - last.second) / 3600)
  }

  mutating func clear(_ subject: Int32) { stops[subject] = nil }

  /// Along the great circle (haversine), the Earth's mean radius being 6,371 km.
  static func distance(_ a: Geo.Place, _ b: Geo.Place) -> Double {
    func radians(_ degrees: Float) -> Double { Double(degrees) * .pi / 180 }
    let north = sin((radians(b.latitude) - radians(a.latitude)) / 2)
    let east = sin((radians(b.longitude) - radians(a.longitude)) / 2)
    let chord = north * north + cos(radians(a.latitude)) * cos(radians(b.latitude)) * east * east
    return 2 * 6371 * asin(min(1, chord.squareRoot()))
  }
}

// MARK: Bytes

extension Journey {
  mutating func keep(in archive: inout Archive) throws(SnapshotError) {
    try archive.keep(&stops, or: (0, Stop(place: Geo.Place(), second: 0))) {
      (subject, stop, archive) throws(SnapshotError) in
      try archive.keep(&subject)
      try archive.keep(&stop.place.country)
      try archive.keep(&stop.place.asn)
      try archive.keep(&stop.place.latitude)
      try archive.keep(&stop.place.longitude)
      try archive.keep(&stop.second)
    }
  }
}
