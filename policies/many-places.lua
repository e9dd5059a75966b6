---@type sperrwerk.Policy
return {
  name = "many-places",
  about = "One login sends from many providers or countries that are all new to it: a botnet shares the password.",
  subject = "account",
  settings = {
    providers = 5,    -- network providers new to the account; needs a database (--asn)
    countries = 4,    -- or countries; needs a database (--geo)
    messages = 10,    -- and so many messages from them
    over = "24h",     -- the window
    grace = "10m",    -- held this long before it is decided
  },
  windows = function(settings) return {
    providers = { distinct = "submission", field = "asn", where = { new_place = true }, over = settings.over },
    countries = { distinct = "submission", field = "country", where = { new_place = true }, over = settings.over },
    fresh = { count = "message", where = { new_place = true }, over = settings.over },
  } end,
  on = {
    message = {
      where = { new_place = true },
      when = function(settings) return { fresh = settings.messages } end,
      decide = function(event, recent, settings)
        if recent.providers < settings.providers and recent.countries < settings.countries then return end
        return sperrwerk.suspend {
          grace = settings.grace,
          reason = ("%d messages from %d new providers in %d countries within %s"):format(recent.fresh, recent.providers, recent.countries, settings.over),
        }
      end,
    },
    grace_over = {
      decide = function(case, recent, settings)
        if case.since_hold.messages > 0 then
          return sperrwerk.suspend { reason = ("went on sending while held: %d messages from %d networks"):format(case.since_hold.messages, case.since_hold.networks) }
        end
        if case.holds < 3 then return sperrwerk.hold { reason = "quiet so far; looking again" } end
      end,
    },
  },
}
