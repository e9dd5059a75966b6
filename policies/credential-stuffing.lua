---@type sperrwerk.Policy
return {
  name = "credential-stuffing",
  about = "One address tries many accounts, and gets into this one from a place new to it.",
  subject = "account",
  settings = {
    accounts = 8,     -- different accounts that failed from the address
    ratio = 2,        -- for each that got in; a webmail server or a mobile gateway lets more people in than it fails
    over = "24h",     -- the window
  },
  windows = function(settings) return {
    accounts = { distinct = "login", field = "sasl_login", where = { result = "failure" }, by = "client_address", over = settings.over },
    entered = { distinct = "login", field = "sasl_login", where = { result = "success" }, by = "client_address", over = settings.over },
  } end,
  on = {
    login = {
      -- An office behind one address fails often too, but it is no new place to its own people.
      where = { result = "success", new_place = true },
      when = function(settings) return { accounts = settings.accounts } end,
      decide = function(event, recent, settings)
        if recent.accounts < settings.ratio * recent.entered then return end
        return sperrwerk.suspend {
          reason = ("logged in from an address that failed with %d other accounts within %s"):format(recent.accounts, settings.over),
        }
      end,
    },
    submission = {
      where = { new_place = true },
      when = function(settings) return { accounts = settings.accounts } end,
      decide = function(event, recent, settings)
        if recent.accounts < settings.ratio * recent.entered then return end
        return sperrwerk.suspend {
          reason = ("sends from an address that failed with %d other accounts within %s"):format(recent.accounts, settings.over),
        }
      end,
    },
  },
}
