import Events
import Lua

/// The notices' templates, a file for each language: Lua functions that turn a case into a subject and a text.
///
/// They run in the policies' sandbox, with its budget, and each is tried on made-up cases when it is loaded: a
/// fault shows then, and not when a customer is to be told.
package struct NoticeSet {
  package struct Text: Equatable, Sendable {
    package var subject, text: String
  }

  private struct Template {
    var file: String
    var suspended, restored, line, digest: Function
  }

  private let runtime = NoticeRuntime()
  private var templates: [String: Template] = [:]
  /// What is wrong with the files, all of it; the set is not to be used where this is not empty.
  package private(set) var errors: [PolicyError] = []

  package var languages: [String] { templates.keys.sorted() }

  /// - Parameter directory: `de.lua` has the German ones.
  package init(directory: String) {
    for name in PolicySet.list(directory) {
      do { try load("\(directory)/\(name)", language: String(name.dropLast(4))) } catch {
        errors.append(error)
      }
    }
    if templates.isEmpty, errors.isEmpty {
      errors.append(
        PolicyError(
          place: directory, problem: "no notices here",
          remedy: "put the shipped policies/notices/en.lua there"))
    }
  }

  // MARK: Loading

  private mutating func load(_ file: String, language: String) throws(PolicyError) {
    guard let source = PolicySet.contents(file), source.count <= 1 << 18 else {
      throw PolicyError(
        place: file, problem: "cannot be read, or is larger than 256 KiB",
        remedy: "check that you may read it")
    }
    let value: Value
    do { value = try runtime.load(source, name: file) } catch {
      throw PolicyError(lua: error, file: file)
    }
    guard case .table(let table) = value else {
      throw PolicyError(
        place: "\(file):1", problem: "the file returns a \(value.typeName)",
        remedy:
          "end it with return { language = \"\(language)\", suspended = function(case) … end, … }")
    }
    guard case .text(let stated) = table["language"], stated == language else {
      throw PolicyError(
        place: "\(file):1", problem: "language is not the file's name",
        remedy: "write language = \"\(language)\"")
    }
    let known = ["language", "suspended", "restored", "line", "digest"]
    for entry in table.entries {
      let name = if case .text(let text) = entry.key { text } else { "?" }
      guard known.contains(name) else {
        throw PolicyError(
          place: "\(file):1", problem: "a notice has no field '\(name)'",
          remedy: NearMiss.remedy(name, among: known))
      }
    }
    func function(_ name: String) throws(PolicyError) -> Function {
      guard case .function(let function) = table[name] else {
        throw PolicyError(
          place: "\(file):1", problem: "\(name) is no function",
          remedy: "write \(name) = function(\(name == "digest" ? "digest" : "case")) … end")
      }
      return function
    }
    let template = Template(
      file: file, suspended: try function("suspended"), restored: try function("restored"),
      line: try function("line"), digest: try function("digest"))
    templates[language] = template
    do { try tryOut(language) } catch {
      templates[language] = nil
      throw error
    }
  }

  /// Cases of every kind: a template that fails on one of them would fail a customer.
  private func tryOut(_ language: String) throws(PolicyError) {
    for kind in NoticeFacts.Kind.allCases {
      for isFull in [true, false] {
        let sample = NoticeCase(
          facts: NoticeFacts(
            kind: kind, caseNumber: 1, subject: isFull ? "anna@example.net" : "uid:5012",
            isSite: !isFull, policy: isFull ? "rejections" : "", reason: "a reason",
            suspendedAt: Instant(seconds: 1_795_000_000), networks: isFull ? ["192.0.2.0/24"] : [],
            mailboxes: isFull ? ["anna@example.net", "info@example.net"] : [], isRelapse: isFull,
            language: language, contacts: []),
          link: isFull ? "https://mail.example.net/r/1.2.3" : nil, isInside: false,
          help: isFull ? "Phone" : nil, zone: .zero)
        let text = try write(sample, language)
        if isFull, kind == .suspended, !text.text.contains(sample.link!) {
          throw PolicyError(
            place: place(language, \.suspended), problem: "the text leaves the link out",
            remedy: "write case.link where it is not nil: without it nobody can report the renewal")
        }
        var copy = sample
        (copy.isInside, copy.link) = (true, nil)
        _ = try write(copy, language)
        _ = try write([sample, copy], language)
      }
    }
  }

  private func place(_ language: String, _ function: KeyPath<Template, Function>) -> String {
    guard let template = templates[language] else { return language }
    return "\(template.file):\(template[keyPath: function].line)"
  }

  // MARK: Writing

  /// The language that there is for the one wanted: `de` for `de-AT`.
  /// - Parameter fallback: the host's own.
  package func language(_ wanted: String?, fallback: String) -> String {
    for candidate in [wanted, fallback, "en"].compactMap({ $0?.lowercased() }) {
      let first = candidate.prefix { $0 != "-" && $0 != "_" }
      if let found = [candidate, String(first)].first(where: { templates[$0] != nil }) {
        return found
      }
    }
    return languages.first ?? fallback
  }

  package func write(_ about: NoticeCase, _ language: String) throws(PolicyError) -> Text {
    let template = try template(language)
    let function = about.facts.kind == .suspended ? template.suspended : template.restored
    do {
      return try text(
        try runtime.call(function, about, file: template.file), template.file, function)
    } catch let error as LuaError {
      throw PolicyError(lua: error, file: template.file)
    } catch let error as PolicyError { throw error } catch {
      throw PolicyError(place: template.file, problem: "\(error)", remedy: "correct it")
    }
  }

  /// One text for several cases.
  package func write(_ cases: [NoticeCase], _ language: String) throws(PolicyError) -> Text {
    let template = try template(language)
    do {
      var lines: [String] = []
      for one in cases {
        guard case .text(let line) = try runtime.call(template.line, one, file: template.file)
        else { throw fault(template.file, template.line, "line gives no text", "return a text") }
        lines.append(line)
      }
      let digest = NoticeDigest(cases: cases, lines: lines)
      let value = try runtime.call(template.digest, digest, file: template.file)
      return try text(value, template.file, template.digest)
    } catch let error as LuaError {
      throw PolicyError(lua: error, file: template.file)
    } catch let error as PolicyError { throw error } catch {
      throw PolicyError(place: template.file, problem: "\(error)", remedy: "correct it")
    }
  }

  private func template(_ language: String) throws(PolicyError) -> Template {
    guard let template = templates[language] else {
      throw PolicyError(
        place: "notices", problem: "none in the language '\(language)'",
        remedy: "add \(language).lua to policies/notices")
    }
    return template
  }

  private func text(_ value: Value, _ file: String, _ function: Function) throws(PolicyError)
    -> Text
  {
    guard case .table(let table) = value, case .text(let subject) = table["subject"],
      case .text(let text) = table["text"]
    else {
      throw fault(
        file, function, "a notice needs a subject and a text",
        "return { subject = \"…\", text = \"…\" }")
    }
    guard !subject.isEmpty, !subject.contains(where: \.isNewline), subject.count <= 200 else {
      throw fault(
        file, function, "the subject is empty, or longer than a line of 200 letters", "correct it")
    }
    guard !text.allSatisfy(\.isWhitespace), text.utf8.count <= 100_000 else {
      throw fault(file, function, "the text is empty, or longer than 100,000 bytes", "correct it")
    }
    return Text(subject: subject, text: text)
  }

  private func fault(_ file: String, _ function: Function, _ problem: String, _ remedy: String)
    -> PolicyError
  {
    PolicyError(place: "\(file):\(function.line)", problem: problem, remedy: remedy)
  }
}
