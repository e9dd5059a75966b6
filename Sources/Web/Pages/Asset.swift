import Crypto
import Events
import HTTPTypes
import Hummingbird

/// The files of `Assets/`, which are part of the program.
enum Asset {
  static let templates: [(name: String, bytes: [UInt8])] = [
    ("refusal", PackageResources.refusal_mustache), ("form", PackageResources.form_mustache),
    ("login", PackageResources.login_mustache), ("overview", PackageResources.overview_mustache),
    ("case", PackageResources.case_mustache), ("staff", PackageResources.staff_mustache),
    ("action", PackageResources.action_mustache),
  ]

  static let stylePath = "/assets/style.css?v=" + version(PackageResources.style_css)
  static let scriptPath = "/assets/live.js?v=" + version(PackageResources.live_js)

  /// A new version of the program must not meet an old file in the browser.
  private static func version(_ bytes: [UInt8]) -> String {
    HexText.of(SHA256.hash(data: bytes).prefix(6))
  }

  static func add(to router: Router<WebContext>) {
    router.get("/assets/style.css") { _, _ in file(PackageResources.style_css, "text/css") }
    router.get("/assets/live.js") { _, _ in file(PackageResources.live_js, "text/javascript") }
    router.get("/robots.txt") { _, _ in
      file(Array("User-agent: *\nDisallow: /\n".utf8), "text/plain")
    }
  }

  private static func file(_ bytes: [UInt8], _ type: String) -> Response {
    Response(
      status: .ok,
      headers: [.contentType: "\(type); charset=utf-8", .cacheControl: "public, max-age=86400"],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }
}
