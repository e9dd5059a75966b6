import Events

/// Orders that wait, a lane a subject: one at a time and in their order, however long another subject's takes.
actor OrderLanes {
  private var lanes: [String: [OrderWork]] = [:]
  /// What is to be in force, as the latest order has it.
  private(set) var standing = Standing()

  /// Each subject's last order that opened its sending, though something else of it may have failed.
  private var openedBy: [String: Int64] = [:]

  func adopt(_ standing: Standing) {
    self.standing = standing
    openedBy = openedBy.filter { standing[$0.key] == nil }
  }

  func opened(_ order: Order) { openedBy[order.subject] = order.id }
  func wasOpened(_ order: Order) -> Bool { openedBy[order.subject] == order.id }

  /// - Returns: whether somebody must begin to work the lane off.
  func add(_ work: OrderWork) -> Bool {
    standing = work.standing
    let subject = work.order.subject
    defer { lanes[subject, default: []].append(work) }
    return lanes[subject] == nil
  }

  /// The first to be carried out. It stays in its lane until `finish`.
  func first(of subject: String) -> OrderWork? { lanes[subject]?.first }

  /// - Returns: the next; nil where none waits, and whoever works the lane off must end. Both in one step: an order
  ///   that came in between would get a second worker, and be carried out twice or thrown away.
  func finish(_ subject: String) -> OrderWork? {
    lanes[subject]?.removeFirst()
    if lanes[subject]?.isEmpty == true { lanes[subject] = nil }
    return lanes[subject]?.first
  }

  /// Whether a later order about the same subject waits.
  func isOvertaken(_ subject: String) -> Bool { (lanes[subject]?.count ?? 0) > 1 }
}

/// Lets one in at a time, in the order in which they came: two that write one file at once would lose one's lines.
actor Turnstile {
  private var isTaken = false
  private var waiting: [CheckedContinuation<Void, Never>] = []

  func enter() async {
    guard isTaken else {
      isTaken = true
      return
    }
    await withCheckedContinuation { waiting.append($0) }
  }

  func leave() {
    if waiting.isEmpty { isTaken = false } else { waiting.removeFirst().resume() }
  }
}
