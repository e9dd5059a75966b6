import Foundation
import Glibc
import Web

/// The contact form and the staff's page, as far as they are wanted.
struct WebExamination: Examination {
  static let area = Finding.Area.web
  let settings: LiveSettings
  init(_ settings: LiveSettings) { self.settings = settings }

  func findings() async -> [Finding] {
    let pages: WebSettings
    do {
      pages = try WebParts.pages(settings)
      try pages.check()
    } catch {
      return [finding(false, "\(error.place): \(error.problem)", error.remedy)]
    }
    let key = pages.places.isEmpty ? nil : FormKey.problem(settings.formKey)
    var findings = (pages.fileFaults.map(\.fault) + [key]).compactMap(\.self).map {
      finding(false, "\($0.place): \($0.problem)", $0.remedy)
    }
    if let form = pages.form {
      findings.append(finding(true, "the contact form is served at \(form.text)", ""))
      findings += formFindings(pages, form)
    } else {
      findings.append(
        note(
          "no contact form: customers cannot say that their passwords are renewed",
          "set web.listen and web.url"))
    }
    if let staff = pages.staff {
      findings.append(
        finding(true, "the staff's page is served at \(staff.text), \(pages.staffUsers)", ""))
    } else {
      findings.append(note("no staff page", "name a file of users in web.staff_users"))
    }
    return findings + pages.places.flatMap(socketFindings)
  }

  /// Whether a proxy reaches a page's socket, and whether it reaches more by that.
  private func socketFindings(_ place: WebSettings.Place) -> [Finding] {
    guard place.port == nil else { return [] }
    let folder = (place.host as NSString).deletingLastPathComponent
    let isApart = folder != (settings["operators.socket"] as NSString).deletingLastPathComponent
    var findings = [
      finding(
        isApart, "\(place.host) is not beside the operators' socket",
        "let the pages listen in /run/sperrwerk-web: a proxy that may enter \(folder) may give commands"
      )
    ]
    guard let name = settings.path("web.socket_group"), isApart else { return findings }
    var (status, socket) = (stat(), stat())
    let isThere = unsafe stat(folder, &status) == 0
    let group = unsafe getgrnam(name).map { unsafe $0.pointee.gr_gid }
    let mayEnter =
      status.st_mode & 0o001 != 0 || status.st_gid == group && status.st_mode & 0o010 != 0
    findings.append(
      finding(
        isThere && mayEnter, "group \(name) may enter \(folder)",
        "systemd-tmpfiles --create sperrwerk.conf makes /run/sperrwerk-web, of group www-data; for another group see there"
      ))
    if unsafe stat(place.host, &socket) == 0 {
      findings.append(
        finding(
          socket.st_gid == group && socket.st_mode & 0o020 != 0,
          "group \(name) may open \(place.host)",
          "give the folder that group, mode 2750, and start the service anew"))
    }
    return findings
  }

  private func formFindings(_ pages: WebSettings, _ form: WebSettings.Place) -> [Finding] {
    let isHTTPS = pages.formURL.hasPrefix("https://")
    return [
      finding(
        isHTTPS, "customers reach the form by TLS, at \(pages.formURL)",
        "set web.url to its address as customers see it, beginning with https://"),
      finding(
        !isHTTPS || pages.certificate != nil || !pages.proxies.isEmpty || form.port == nil,
        "who does the TLS is known",
        "set web.tls_certificate and web.tls_key, or name the proxy in web.proxies: without that all"
          + " visitors share one limit"),
    ]
  }
}
