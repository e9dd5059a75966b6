---@type sperrwerk.Policy
return {
  name = "unknown-recipients",
  about = "Mail goes to addresses that do not exist, at many domains: a guessed or bought list.",
  subject = "any",
  settings = {
    honest = 0.1,      -- share of unknown recipients that an old but honest list has
    spammer = 0.4,     -- share that a guessed list has
    error = 0.000001,  -- chance of calling an honest sender a spammer
    domains = 5,       -- that many domains must say so
    over = "24h",      -- how long a result counts
    grace = "10m",     -- held this long before it is decided
  },
  windows = function(settings) return {
    certainty = {
      sequential = "delivery", bad = { reply_class = { "user_unknown" } },
      p0 = settings.honest, p1 = settings.spammer, alpha = settings.error, beta = 0.01,
      over = settings.over,
    },
    domains = { distinct = "delivery", field = "recipient_domain", where = { reply_class = { "user_unknown" } }, over = settings.over },
    unknown = { count = "delivery", where = { reply_class = { "user_unknown" } }, over = settings.over },
  } end,
  on = {
    delivery = {
      where = { reply_class = { "user_unknown" } },
      when = function(settings) return { certainty = 1, domains = settings.domains } end,
      decide = function(event, recent, settings)
        return sperrwerk.suspend {
          grace = settings.grace,
          reason = ("%d recipients unknown at %d domains within %s"):format(recent.unknown, recent.domains, settings.over),
        }
      end,
    },
    grace_over = {
      decide = function(case, recent, settings)
        if case.since_hold.messages > 5 then
          return sperrwerk.suspend { reason = ("went on sending while held: %d messages"):format(case.since_hold.messages) }
        end
      end,
    },
  },
}
