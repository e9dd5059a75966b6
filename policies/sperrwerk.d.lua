---@meta
---What policies may use. An editor with the Lua language server completes and checks by this file.
sperrwerk = {}

---@alias sperrwerk.Duration string # "90s", "10m", "1h", "7d"
---@alias sperrwerk.Key "account"|"site"|"subject"|"customer"|"reseller"|"client_address"|"client_network"|"relay_domain"|"outgoing_address"|"everyone"

---An event: read-only; a field that the event does not have is nil.
---@class sperrwerk.Event
---@field result? "success"|"failure" of a login
---@field service? "imap"|"pop3"|"smtp"|"submission"|"smtps"|"managesieve"|"pickup"
---@field status? "sent"|"deferred"|"bounced"|"expired"|"force-expired"|"softbounce" of a delivery
---@field reply_class? "accepted"|"reputation"|"spam"|"policy"|"user_unknown"|"mailbox_full"|"greylisted"|"rate_limited"|"unreachable"|"other"
---@field ours boolean our own refusal, not a remote server's
---@field probation boolean the subject's sending was restored lately
---@field new_place boolean from a network operator (or country, or network) that the account first used within the last seven days
---@field same_answer boolean another recipient of this message got the same answer from the same provider
---@field recipient_count? integer of a message
---@field size_bytes? integer of a message
---@field points? number of a sign
---@field travel_speed? number kilometres an hour since the account was last seen in another country; needs --geo
---@field subject? string the account, or "uid:5012"
---@field customer? string
---@field reseller? string
---@field sasl_login? string as logged
---@field uid? integer of a website
---@field client_address? string
---@field client_network? string /24 or /64
---@field country? string two letters; needs --geo
---@field asn? integer number of the network's operator; needs --asn
---@field helo? string
---@field envelope_sender? string forged by thieves
---@field sender_domain? string
---@field recipient? string
---@field recipient_domain? string
---@field relay_domain? string the remote provider
---@field dnsbl? string the blocklist that the reply names
---@field script? string
---@field policy? string that gave a sign
---@field kind string
---@field time number seconds since 1970
---@field submitted_at? number when the message was submitted
---@field host? string
---@field program? string
---@field session? string
---@field queue_id? string
---@field dsn? string
---@field reply? string the remote server's text: hostile
---@field repeated integer how often syslog says the line was repeated

---A case whose hold is over.
---@class sperrwerk.Case
---@field number integer
---@field subject string
---@field policy string
---@field holds integer how often it was held
---@field age number seconds since it was opened
---@field since_hold sperrwerk.SinceHold

---What came while sending was held.
---@class sperrwerk.SinceHold
---@field messages integer
---@field recipients integer
---@field addresses integer
---@field networks integer
---@field new_networks integer

---@class sperrwerk.Decision

---Keeps an eye on the subject: opens a case, does nothing.
---@param order { reason: string }
---@return sperrwerk.Decision
function sperrwerk.watch(order) end

---Keeps the subject's mail back until an operator looks, a day at most.
---@param order { reason: string }
---@return sperrwerk.Decision
function sperrwerk.hold(order) end

---Stops the subject from sending until its case is verified or an operator restores it; with a grace
---its mail is held first, and `grace_over` decides. `queue`: what becomes of the mail that it had queued when it is
---restored; without it the setting queue.after_restore says so.
---@param order { reason: string, grace: sperrwerk.Duration?, queue: ("keep"|"release"|"delete")? }
---@return sperrwerk.Decision
function sperrwerk.suspend(order) end

---Tells the operator, once an hour for each subject.
---@param order { reason: string }
---@return sperrwerk.Decision
function sperrwerk.alert(order) end

---A weak sign: windows over `evidence` add its points up, and the policy `signs` judges them.
---@param order { reason: string, points: number }
---@return sperrwerk.Decision
function sperrwerk.evidence(order) end
