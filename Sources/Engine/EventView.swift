import Events
import Policy

/// One event as a handler reads it: made when a gate is passed, filled again for each call.
final class EventView: PolicyInput {
  var fact: Fact?
  var line: [UInt8] = []
  var windows: [WindowValue] = []
  var subject: String?
  var customer: String?
  var reseller: String?
  var caseValues: [CaseField: WindowValue] = [:]

  func value(of field: EventField) -> WindowValue {
    switch field {
    case .subject: return subject.map { .text($0) } ?? .none
    case .customer: return customer.map { .text($0) } ?? .none
    case .reseller: return reseller.map { .text($0) } ?? .none
    default:
      guard let fact else { return .none }
      let bytes = line
      let value = fact.plainValue(field, bytes.span)
      return value ?? .none
    }
  }

  func value(ofWindow window: Int) -> WindowValue {
    window < windows.count ? windows[window] : .none
  }

  func value(of field: CaseField) -> WindowValue { caseValues[field] ?? .none }
}
