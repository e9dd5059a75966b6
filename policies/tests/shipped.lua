-- What the shipped policies find, and what they leave alone. A copy of a test is the best start for one of your own.
-- Countries and providers need databases, which these tests do not have: a place is a network here.
local log, number

local function stamp(day, minute)
  return ("2026-10-%02dT%02d:%02d:00+00:00 mx1 "):format(day, 8 + minute // 60, minute % 60)
end

local function line(day, minute, text, ...) log[#log + 1] = stamp(day, minute) .. text:format(...) end

-- One mail of a login or website, and what becomes of each recipient.
local function mail(day, minute, who, address, replies)
  number = number + 1
  local id = ("4F41EF9%04X"):format(number)
  if who:find("@") then
    line(day, minute, "postfix/submission/smtpd[1]: %s: client=unknown[%s], sasl_method=PLAIN, sasl_username=%s", id, address, who)
  else
    line(day, minute, "postfix/pickup[1]: %s: uid=%s from=<www>", id, who)
  end
  line(day, minute, "postfix/qmgr[1]: %s: from=<info@firma.example>, size=900, nrcpt=%d (queue active)", id, #replies)
  for place, reply in ipairs(replies) do
    local domain = ("domain%d.example"):format(reply.at or number % 9)
    line(day, minute, "postfix/smtp[1]: %s: to=<kunde%d@%s>, relay=mx.%s[192.0.2.7]:25, delay=1, dsn=%s, status=%s (host mx.%s said: %s)",
      id, number * 100 + place, domain, domain, reply.dsn, reply.status, domain, reply.text)
  end
end

local accepted = { dsn = "2.0.0", status = "sent", text = "250 2.0.0 Ok" }
local spam = { dsn = "5.7.1", status = "bounced", text = "554 5.7.1 Message rejected as spam" }
local unsigned = { dsn = "5.7.26", status = "bounced", text = "550 5.7.26 not accepted due to the domain's DMARC policy" }
local function unknown(at) return { at = at, dsn = "5.1.1", status = "bounced", text = "550 5.1.1 User unknown" } end

-- Its own history: mail of a few days from where it always works.
local function habits(who, address)
  for day = 1, 4 do
    for minute = 0, 140, 20 do mail(day, minute, who, address, { accepted }) end
  end
end

local function logins(day, minute, address, names)
  for name = 1, names do
    line(day, minute, "dovecot: imap-login: Login: user=<leser%d@nordwind.example>, method=PLAIN, rip=%s, lip=192.0.2.1, mpid=1, TLS, session=<a%d>",
      name, address, number * 100 + name)
  end
end

local function failures(day, minute, address, names)
  for name = 1, names do
    line(day, minute, "postfix/submission/smtpd[1]: warning: unknown[%s]: SASL PLAIN authentication failed: (reason unavailable), sasl_username=konto%d@nordwind.example",
      address, name)
  end
end

local function test(name, expect, write, accounts)
  log, number = {}, 0
  write()
  return { name = name, log = log, expect = expect, accounts = accounts }
end

local anna, home, away = "anna@nordwind.example", "203.0.113.5", "198.51.100.9"

return {
  test("much mail from a network that the login never used", { "suspend anna@nordwind.example by new-place" }, function()
    habits(anna, home)
    for minute = 0, 20 do mail(5, minute, anna, away, { accepted }) end
  end),
  test("a traveller writes a few mails", {}, function()
    habits(anna, home)
    for minute = 0, 40, 10 do mail(5, minute, anna, away, { accepted }) end
  end),
  test("an address that tried many accounts gets into this one", { "suspend anna@nordwind.example by credential-stuffing" }, function()
    habits(anna, home)
    failures(5, 0, away, 12)
    mail(5, 1, anna, away, { accepted })
  end),
  test("an office behind one address, where a program has an old password", {}, function()
    habits(anna, home)
    failures(5, 0, home, 12)
    mail(5, 1, anna, home, { accepted })
  end),
  test("a webmail server, through which many read and some mistype", {}, function()
    habits(anna, home)
    logins(5, 0, away, 30)
    failures(5, 1, away, 12)
    for minute = 2, 8 do mail(5, minute, anna, away, { accepted }) end
  end),
  test("a guess that succeeded, and some mail from there: two signs", { "hold anna@nordwind.example by signs" }, function()
    habits(anna, home)
    failures(5, 0, away, 2)
    for minute = 1, 7 do mail(5, minute, anna, away, { accepted }) end
  end),
  test("one mail to a guessed list of addresses", { "suspend anna@nordwind.example by rejections" }, function()
    local replies = {}
    for place = 1, 40 do replies[place] = unknown((place - 1) // 8) end
    habits(anna, home)
    mail(5, 0, anna, home, replies)
  end),
  test("mail that everybody refuses for its forged sender", { "suspend anna@nordwind.example by queue-backlog" }, function()
    habits(anna, home)
    for minute = 0, 29 do mail(5, minute, anna, home, { unsigned }) end
  end),
  test("a slow spammer, of whose mail a tenth is refused as spam", { "suspend anna@nordwind.example by spam-verdicts" }, function()
    for day = 1, 4 do
      for minute = 0, 470, 8 do mail(day, minute, anna, home, { minute % 80 == 0 and spam or accepted }) end
    end
  end),
  test("a website sends far more than ever, and a part is refused", { "hold uid:5012 by website-burst", "suspend uid:5012 by website-burst" }, function()
    habits("5012", nil)
    for minute = 0, 39 do mail(5, minute, "5012", nil, { minute % 7 == 6 and unknown() or accepted }) end
  end),
  test("a website's newsletter", {}, function()
    habits("5012", nil)
    for minute = 0, 59 do mail(5, minute, "5012", nil, { minute % 30 == 29 and unknown() or accepted }) end
  end),
  test("two mailboxes of a customer send spam from new places", { "hold bernd@nordwind.example by same-customer" }, function()
    habits(anna, home)
    habits("bernd@nordwind.example", home)
    for minute = 0, 1 do mail(5, minute, anna, away, { spam }) end
    for minute = 2, 3 do mail(5, minute, "bernd@nordwind.example", "192.0.2.200", { spam }) end
  end, "account,customer\nanna@nordwind.example,Nordwind\nbernd@nordwind.example,Nordwind\n"),
}
