import Events

/// The last day as a drawing: rejections as a line over ten minutes each, stopped senders as pins.
struct DayPlot {
  struct Level { let y: Int }
  struct Pin { let x, top, bottom: Int }

  /// Ten units a slot wide.
  private static let wide = 10
  private static let tall = 200
  let height = DayPlot.tall
  let lines: [Level]
  let hours: [Pin]
  let labels: [String]
  let rejections: String
  let suspensions: [Pin]
  let most, stopped: String
  let summary: String

  init(_ day: DayReport, times: ShownTime) {
    let height = Self.tall
    let counts = day.slots.map(\.rejections)
    let top = max(counts.max() ?? 0, 1)
    lines = [0, 1, 2].map { Level(y: height * $0 / 2) }
    let points = counts.enumerated().map { index, count in
      // Above the floor by a little where there was anything at all.
      let y = height - (count == 0 ? 0 : max(3, count * (height - 10) / top))
      return "L\(index * Self.wide + Self.wide / 2) \(y)"
    }
    let right = counts.count * Self.wide
    rejections = "M0 \(height)\(points.joined())L\(right) \(height)Z"
    suspensions = day.slots.enumerated().filter { $0.element.suspensions > 0 }.map {
      Pin(x: $0.offset * Self.wide + Self.wide / 2, top: 8, bottom: height)
    }
    let ends = (0...6).map { day.begins + TimeSpan(seconds: Int64($0) * 4 * 3600) }
    hours = (1...5).map { Pin(x: right * $0 / 6, top: 0, bottom: height) }
    labels = ends.map { times.clock($0) }
    most = NumberText.grouped(counts.max() ?? 0)
    stopped = NumberText.grouped(day.slots.reduce(0) { $0 + $1.suspensions })
    summary =
      "\(NumberText.grouped(counts.reduce(0, +))) rejections and \(stopped) stopped senders within the last day"
  }
}
