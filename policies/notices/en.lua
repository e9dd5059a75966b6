-- What customers are told in English. Each function gets the case and returns a subject and a text; line() is
-- one case's part of a digest, which several cases at once make. Copies that whoever broke in may read have no
-- case.link. Blank lines separate paragraphs.

local why = {
  ["rejections"] = "Other providers refused its mail as spam, far more often than honest mail ever is.",
  ["spam-verdicts"] = "Other providers judged a large share of its mail as spam.",
  ["unknown-recipients"] = "It wrote to a great many addresses that do not exist, as lists that were bought or guessed do.",
  ["queue-backlog"] = "Its mail piled up in our queue, because other providers refuse it.",
  ["new-place"] = "It sent a great deal of mail from a place it had never sent from before.",
  ["many-places"] = "It sent mail from many new places at once.",
  ["website-burst"] = "The website sent far more mail than ever before, and much of it was refused.",
  ["credential-stuffing"] = "Somebody who tried many passwords got into it and began to send.",
  ["signs"] = "Several small things together: together they are never seen of an honest sender.",
  ["same-customer"] = "Several mailboxes of the same customer began to send spam at once.",
  ["relapse"] = "It began to send spam again after it had been opened.",
}

local function reason(case) return why[case.policy] or "Its mail looked like mail that somebody else sends in its name." end

local function name(case)
  if case.is_site then return "the website with the user number " .. case.subject:gsub("^uid:", "") end
  return case.subject
end

local function moment(case) return ("%d-%02d-%02d %s %s"):format(case.year, case.month, case.day, case.clock, case.zone) end

local for_a_website = "Please have the website checked: update it and its extensions, renew its passwords, and remove what you did not put there."

local function for_a_mailbox(which)
  return "What to do now:\n1. Check the computers and phones that use the mailbox for malware."
    .. "\n2. Choose a new password, not used anywhere else, from a device that is clean." .. which
    .. "\n3. Look for filters and forwards that you did not set up."
end

local function needed(case) return case.mailbox_count > 1 and " These mailboxes need one:\n" .. case.mailboxes or "" end

local function what_to_do(case) return case.is_site and for_a_website or for_a_mailbox(needed(case)) end

local function help(case) return case.help and "\n\n" .. case.help or "" end

return {
  language = "en",

  suspended = function(case)
    local parts = {
      "Hello,",
      "we have stopped the sending of mail by " .. name(case) .. " on " .. moment(case) .. ". Mail still arrives and can be read.",
      reason(case),
    }
    if case.networks then parts[#parts + 1] = "The mail came from: " .. case.networks end
    if case.is_relapse then parts[#parts + 1] = "This is the second time within a short while: our staff will look at it before sending is opened again." end
    parts[#parts + 1] = what_to_do(case)
    if case.link then
      parts[#parts + 1] = "When that is done, please tell us here; sending is then opened by itself:\n" .. case.link
    elseif case.is_inside then
      parts[#parts + 1] = "Whoever holds the password may read this mail too. It therefore has no link: "
        .. (case.has_contact and "that went to the contact we know for it." or "please call us when it is done.")
    else
      parts[#parts + 1] = "When that is done, please tell us."
    end
    return {
      subject = "Sending is suspended: " .. case.subject,
      text = table.concat(parts, "\n\n") .. help(case),
    }
  end,

  restored = function(case)
    return {
      subject = "Sending is open again: " .. case.subject,
      text = "Hello,\n\nthe sending of mail by " .. name(case) .. ", stopped on " .. moment(case)
        .. ", is open again. Thank you for your help.\n\nIf anything still looks wrong, please tell us at once." .. help(case),
    }
  end,

  line = function(case)
    local text = case.subject .. ", stopped on " .. moment(case)
    if case.is_restored then return text end
    text = text .. "\n" .. reason(case)
    if case.networks then text = text .. "\nThe mail came from: " .. case.networks end
    if case.mailbox_count > 1 then text = text .. "\nThese mailboxes need a new password:\n" .. case.mailboxes end
    return case.link and text .. "\n" .. case.link or text
  end,

  digest = function(digest)
    local who = ("%d mailboxes or websites"):format(digest.count)
    if digest.is_restored then
      return {
        subject = "Sending is open again: " .. who,
        text = "Hello,\n\nthe sending of mail by several of your mailboxes or websites is open again. Thank you for your help.\n\n"
          .. digest.lines .. "\n\nIf anything still looks wrong, please tell us at once." .. help(digest),
      }
    end
    local parts = {
      "Hello,",
      "we have stopped the sending of mail by several of your mailboxes or websites. Mail still arrives and can be read.",
      digest.lines,
    }
    if digest.has_mailboxes then parts[#parts + 1] = for_a_mailbox(" Each of the mailboxes needs one.") end
    if digest.has_sites then parts[#parts + 1] = for_a_website end
    parts[#parts + 1] = digest.is_inside
      and "Whoever holds the passwords may read this mail too. It therefore has no links: please call us when it is done."
      or "When that is done, please tell us, for each by its own link where there is one; sending is then opened by itself."
    return { subject = "Sending is suspended: " .. who, text = table.concat(parts, "\n\n") .. help(digest) }
  end,
}
