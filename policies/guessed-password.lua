---@type sperrwerk.Policy
return {
  name = "guessed-password",
  about = "An address that failed to log in a few times now sends, from a place new to the account.",
  subject = "account",
  settings = {
    failures = 2,     -- failed logins from the address before it succeeded
    over = "24h",     -- the window: a guess is often used hours later
    points = 50,      -- what the sign weighs; customers at a new place mistype too
  },
  windows = function(settings) return {
    failures = { count = "login", where = { result = "failure" }, by = "client_address", over = settings.over },
    entered = { distinct = "login", field = "sasl_login", where = { result = "success" }, by = "client_address", over = settings.over },
  } end,
  on = {
    submission = {
      where = { new_place = true },
      when = function(settings) return { failures = settings.failures } end,
      once = "1h",
      decide = function(event, recent, settings)
        -- Where many accounts work, as behind a webmail server, some mistype every day.
        if recent.failures < recent.entered then return end
        return sperrwerk.evidence {
          points = settings.points,
          reason = ("the sending address failed %d logins within %s"):format(recent.failures, settings.over),
        }
      end,
    },
  },
}
