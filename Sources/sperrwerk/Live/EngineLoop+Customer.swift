import Engine
import Events

/// Operators' orders about all mailboxes of a customer.
extension EngineLoop {
  /// First it only says whom it would concern.
  func orderAll(
    _ order: Engine.Order, ofCustomer customer: String, _ request: OperatorRequest,
    _ reason: String, actor: String
  ) -> OperatorReply {
    let names = engine.accounts(ofCustomer: customer)
    guard !names.isEmpty else {
      return OperatorReply(
        isDone: false,
        text: "no mailbox of a customer '\(customer)' is known; see the table in 'accounts'")
    }
    guard request.isMeant == true else {
      let list = names.map { "\n  \($0)" }.joined()
      return OperatorReply(
        isDone: true,
        text: "would \(order) \(names.count) mailboxes of \(customer); say --yes to do it\(list)")
    }
    let problems = names.compactMap {
      feed(.order(order, subject: $0, reason: reason, actor: actor, at: clock.now))
    }
    let done = "ordered: \(order) \(names.count - problems.count) mailboxes of \(customer)"
    return OperatorReply(
      isDone: problems.count < names.count, text: ([done] + problems).joined(separator: "\n"))
  }
}
