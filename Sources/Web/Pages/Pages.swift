import HTTPTypes
import Hummingbird
import Mustache

/// The templates, and the answers made of them.
package struct Pages: Sendable {
  /// What of the provider a page shows.
  package struct House: Sendable {
    /// Whose page it is, in the head.
    package var name: String
    /// Where a customer asks for help: a telephone number, an address.
    package var help: String?

    package init(name: String, help: String? = nil) { (self.name, self.help) = (name, help) }
  }

  let house: House
  private let library: MustacheLibrary

  package init(_ house: House) throws(WebError) {
    self.house = house
    MustacheContentTypes.register(ScalarEscape(), named: ScalarEscape.name)
    var library = MustacheLibrary()
    for (name, bytes) in Asset.templates {
      let text = "{{% CONTENT_TYPE:\(ScalarEscape.name)}}" + String(decoding: bytes, as: UTF8.self)
      do { try library.register(text, named: name) } catch {
        throw WebError(
          place: "template \(name)", problem: "\(error)",
          remedy: "the program is damaged: install it anew")
      }
    }
    self.library = library
  }

  func page(_ template: String, _ values: Any, status: HTTPResponse.Status = .ok) -> Response {
    let text = library.render(values, withTemplate: template) ?? ""
    return Response(
      status: status, headers: [.contentType: "text/html; charset=utf-8"],
      body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
  }

  /// A page for what goes wrong; it knows only the status.
  func refusal(_ status: HTTPResponse.Status, _ request: Request) -> Response {
    let language = Language(
      chosen: request.uri.queryParameters["lang"].map(String.init),
      accepted: request.headers[.acceptLanguage])
    let text = RefusalText(status, language)
    return page(
      "refusal", RefusalPage(house: house, language: language.rawValue, text: text), status: status)
  }
}

struct RefusalPage {
  let house: Pages.House
  let language: String
  let text: RefusalText
  let style = Asset.stylePath
}

/// What a refusal says: nothing about anybody's account.
struct RefusalText {
  let title, text: String

  init(_ status: HTTPResponse.Status, _ language: Language) {
    let isGerman = language == .german
    switch status {
    case .serviceUnavailable:
      title = isGerman ? "Gerade nicht erreichbar" : "Not available right now"
      text =
        isGerman
        ? "Bitte versuchen Sie es in einer Minute noch einmal." : "Please try again in a minute."
    case .forbidden:
      title = isGerman ? "Das Formular ist veraltet" : "This form is out of date"
      text =
        isGerman
        ? "Es wurde nichts geändert. Bitte öffnen Sie die Seite noch einmal."
        : "Nothing was changed. Please open the page again."
    default:
      title = isGerman ? "Diese Seite gibt es nicht" : "There is no such page"
      text =
        isGerman
        ? "Bitte öffnen Sie den Link noch einmal aus unserer Nachricht. Ist er abgelaufen, melden Sie sich bitte bei uns."
        : "Please open the link in our message again. If it has expired, please contact us."
    }
  }
}
