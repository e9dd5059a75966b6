import Events

extension OperatorText {
  static func write(_ listing: QueueListing, _ output: inout Output) {
    if listing.messages.isEmpty { output.line("nothing is queued") }
    for message in listing.messages {
      let first = message.recipients.first
      let more =
        message.recipients.count > 1 ? " and \(message.recipients.count - 1) more" : ""
      output.line(
        "\(message.id) \(message.queue) \(message.arrivedAt.rfc3339(digits: 0)) "
          + "\(NumberText.grouped(message.sizeBytes)) bytes")
      output.line("  to \(Style.clipped(first?.address ?? "nobody", 60))\(more)")
      if let reply = first?.reply { output.line(Style.dim("  \(Style.clipped(reply, 78))")) }
    }
    guard let deletion = listing.deletion else { return }
    output.line(
      "\(deletion.messages) are deleted at \(deletion.due.rfc3339(digits: 0)), as \(deletion.actor) "
        + "ordered; 'sperrwerk queue keep \(listing.subject) --reason …' undoes it")
  }
}
