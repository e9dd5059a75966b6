package import Events

/// What a policy asks the host to count. Two equal declarations are one window.
package struct WindowDeclaration: Hashable, Sendable {
  package enum Measure: Hashable, Sendable {
    /// How many events.
    case count
    /// How many different values of a field: exact up to 256, then within 5 % (one sigma).
    case distinct(EventField)
    /// The sum of a number.
    case sum(EventField)
    /// The share, 0 to 1, of the events that also meet a condition; nil while warming or empty.
    case share(Condition)
    /// The last value of a field before this event.
    case last(EventField)
    /// Whether this event's value of the field is new to the key: true or false, nil while warming.
    case firstSeen(EventField)
    /// This `over` against the highest sum of any earlier one in the key's own past: 3.0 is three
    /// times the own peak. Nil while warming. Without a field it counts events.
    case baseline(EventField?)
    /// Wald's sequential probability ratio test over events, those that meet `bad` against the others.
    case sequential(Sequential)
  }

  package struct Sequential: Hashable, Sendable {
    package var bad: Condition
    /// The chance that is accepted of calling an honest sender bad, and a bad one honest.
    package var alpha, beta: Double
    /// The share of bad outcomes that an honest sender has, and that a spammer has.
    package var p0, p1: Double

    package init(bad: Condition, alpha: Double, beta: Double, p0: Double, p1: Double) {
      (self.bad, self.alpha, self.beta, self.p0, self.p1) = (bad, alpha, beta, p0, p1)
    }
  }

  /// Whose events are counted together. The first three are a subject's own (`subject` is the account or
  /// the site, whichever it is); the others are shared and are read as of the last completed second.
  package enum Key: UInt8, CaseIterable, Sendable {
    case account, site, subject
    case customer, reseller, clientAddress, clientNetwork, relayDomain, outgoingAddress, everyone

    package var isShared: Bool { rawValue > Key.subject.rawValue }
    package var name: String {
      switch self {
      case .clientAddress: "client_address"
      case .clientNetwork: "client_network"
      case .relayDomain: "relay_domain"
      case .outgoingAddress: "outgoing_address"
      default: "\(self)"
      }
    }
  }

  package var measure: Measure
  package var event: PolicyEvent
  package var condition: Condition
  package var by: Key
  package var over: TimeSpan
  /// The width of the buckets: an event leaves the window at most this long after `over`.
  package var resolution: TimeSpan

  package init(
    measure: Measure, event: PolicyEvent, condition: Condition, by: Key, over: TimeSpan,
    resolution: TimeSpan? = nil
  ) {
    (self.measure, self.event, self.condition) = (measure, event, condition)
    (self.by, self.over) = (by, over)
    self.resolution = resolution ?? Self.usualResolution(over)
  }

  /// A sixtieth of `over` in whole seconds, at least one.
  package static func usualResolution(_ over: TimeSpan) -> TimeSpan {
    TimeSpan(seconds: max(1, over.seconds / 60))
  }
}

/// What an event must be to be counted: every test holds. Tests stand in the order of their fields.
package struct Condition: Hashable, Sendable {
  package enum Test: Hashable, Sendable {
    /// The word is one of those whose bits are set (bit = place in `EventField.words`).
    case words(EventField, UInt32)
    case flag(EventField, Bool)
    /// The text is one of these (lower case, sorted).
    case texts(EventField, [String])
    /// The number lies within the bounds; an absent number fails.
    case number(EventField, ClosedRange<Double>)
  }

  package static let always = Condition(tests: [])
  package var tests: [Test]

  package init(tests: [Test]) { self.tests = tests }
}
