"""A policy is edited and reloaded while mail flows; one that is wrong changes nothing."""
GOOD = """---@type sperrwerk.Policy
return {
  name = "own",
  about = "The story's own: tells of an account's second message.",
  subject = "account",
  settings = { many = 2 },
  windows = function(settings) return {
    mails = { count = "message", by = "account", over = "1h" },
  } end,
  on = {
    message = { when = function(settings) return { mails = settings.many } end,
      decide = function(event, recent, settings)
        return sperrwerk.watch { reason = ("%d mails within an hour"):format(recent.mails) }
      end },
  },
}
"""


def policies(stack, say):
    before = stack.sperrwerk("reload").stdout
    stack.write("policies/own.lua", GOOD.replace('count = "message"', 'count = "mesage"'))
    wrong = stack.sperrwerk("reload", check=False)
    assert wrong.returncode != 0 and "stay as they were" in wrong.stderr + wrong.stdout, wrong
    assert "own.lua:" in wrong.stderr + wrong.stdout, wrong
    stack.write("policies/own.lua", GOOD)
    after = stack.sperrwerk("reload").stdout
    assert int(after.split()[0]) == int(before.split()[0]) + 1, (before, after)
    stack.wait(lambda: "watch" in stack.read("sperrwerk.log"), "the new policy's first word")
    say("a policy written and reloaded while mail flows decides from then on; a wrong one changed nothing")
