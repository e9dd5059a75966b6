---@type sperrwerk.Policy
return {
  name = "same-customer",
  about = "Several mailboxes of one customer send spam from new places at once: their passwords were stolen together.",
  subject = "account",
  settings = {
    mailboxes = 2,    -- mailboxes of the customer whose mail from new places is judged spam
    verdicts = 2,     -- of which this one at least so many times
    over = "24h",     -- the window
    grace = "10m",    -- held this long before it is decided
  },
  windows = function(settings) return {
    mailboxes = {
      distinct = "delivery", field = "subject", by = "customer",
      where = { new_place = true, reply_class = { "spam" } }, over = settings.over,
    },
    verdicts = { count = "delivery", where = { new_place = true, reply_class = { "spam" } }, over = settings.over },
  } end,
  on = {
    delivery = {
      where = { reply_class = { "spam" } },
      when = function(settings) return { verdicts = settings.verdicts, mailboxes = settings.mailboxes } end,
      decide = function(event, recent, settings)
        return sperrwerk.suspend {
          grace = settings.grace,
          reason = ("%d mailboxes of customer %s send spam from new places within %s"):format(recent.mailboxes, event.customer, settings.over),
        }
      end,
    },
    grace_over = {
      decide = function(case, recent, settings)
        if case.since_hold.messages > 0 then
          return sperrwerk.suspend { reason = ("went on sending while held: %d messages"):format(case.since_hold.messages) }
        end
      end,
    },
  },
}
