-- Log lines in, expected decisions out: `sperrwerk test` runs this.
local function mail(number, minute, login, reply)
  local stamp = ("2026-10-05T10:%02d:00+00:00 mx1 "):format(minute)
  local id = ("4F41EF9%04X"):format(number)
  local status = reply:sub(1, 1) == "2" and "sent" or "bounced"
  return {
    stamp .. ("postfix/submission/smtpd[1]: %s: client=unknown[203.0.113.5], sasl_method=PLAIN, sasl_username=%s"):format(id, login),
    stamp .. ("postfix/qmgr[1]: %s: from=<%s>, size=900, nrcpt=1 (queue active)"):format(id, login),
    stamp .. ("postfix/smtp[1]: %s: to=<kunde%d@domain%d.example>, relay=mx.domain%d.example[192.0.2.7]:25, delay=1, dsn=2.0.0, status=%s (%s)"):format(
      id, number, number % 7, number % 7, status, reply),
  }
end

local function mails(count, login, reply_of)
  local log = {}
  for number = 1, count do
    for _, line in ipairs(mail(number, number % 60, login, reply_of(number))) do log[#log + 1] = line end
  end
  return log
end

return {
  {
    name = "a login whose mail is refused as spam is suspended",
    log = mails(30, "anna@nordwind.example", function(number)
      return number % 2 == 0 and "host mx said: 554 5.7.1 spam detected" or "250 2.0.0 Ok"
    end),
    expect = { "suspend anna@nordwind.example" },
  },
  {
    name = "a newsletter with two unknown recipients in a hundred is not",
    log = mails(400, "shop@nordwind.example", function(number)
      return number % 50 == 3 and "host mx said: 550 5.1.1 User unknown" or "250 2.0.0 Ok"
    end),
    expect = {},
  },
}
