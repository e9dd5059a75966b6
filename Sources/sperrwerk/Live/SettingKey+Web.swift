extension SettingKey {
  /// The contact form and the staff's page.
  static let web: [SettingKey] = [
    SettingKey(
      "web.listen", .text, "",
      "Where the contact form is served, such as 127.0.0.1:8025; empty: nowhere. Where that is open to a"
        + " network without TLS, only web.proxies may connect."),
    SettingKey(
      "web.url", .text, "",
      "The form as customers reach it, such as https://mail.nordwind.example. Behind a proxy, leave"
        + " the paths that begin with /r/ out of its log: they hold the token."),
    SettingKey(
      "web.tls_certificate", .text, "",
      "Certificate chain (PEM), where no proxy does the TLS. Read again when it changes."),
    SettingKey("web.tls_key", .text, "", "Its key (PEM)."),
    SettingKey(
      "web.proxies", .networks, "[]",
      "Addresses or networks of proxies: their X-Forwarded-For is believed, nobody else's."),
    SettingKey(
      "web.socket_group", .text, "",
      "Group of the proxy, such as www-data: its members may open the pages' unix sockets, best in"
        + " /run/sperrwerk-web, and nothing else of this service. Their X-Forwarded-For is believed."
    ),
    SettingKey("web.name", .text, "Mail", "The provider's name, at the head of the form."),
    SettingKey("web.help", .text, "", "Where customers get help: a telephone number, an address."),
    SettingKey("web.zone", .text, "", "Time zone of the pages, such as Europe/Berlin."),
    SettingKey(
      "web.staff_users", .text, "",
      "The staff's users, a line NAME:HASH each (mkpasswd -m yescrypt); empty: no staff page."),
    SettingKey(
      "web.staff_listen", .text, "127.0.0.1:8026",
      "Where the staff's page is served; the same as web.listen puts both into one. On a machine with"
        + " websites better a unix socket, such as /run/sperrwerk-web/staff: each of them can connect to"
        + " 127.0.0.1, and write any X-Forwarded-For where web.proxies has that."),
    SettingKey(
      "web.staff_url", .text, "", "The staff's page as they reach it, where a proxy does the TLS."),
  ]
}
