-- Was Kunden auf Deutsch erfahren. Jede Funktion bekommt den Fall und gibt Betreff und Text zurück; line() ist
-- der Teil eines Falles in einer Sammelnachricht. Was auch der Einbrecher lesen kann, hat kein case.link.
-- Leerzeilen trennen Absätze.

local why = {
  ["rejections"] = "Andere Anbieter haben die Nachrichten als Spam abgewiesen, weit häufiger, als es ehrlicher Post je geschieht.",
  ["spam-verdicts"] = "Andere Anbieter haben einen großen Teil der Nachrichten als Spam eingestuft.",
  ["unknown-recipients"] = "Es wurde an sehr viele Adressen geschrieben, die es nicht gibt, wie auf gekauften oder geratenen Listen.",
  ["queue-backlog"] = "Die Nachrichten stauen sich in unserer Warteschlange, weil andere Anbieter sie abweisen.",
  ["new-place"] = "Es wurden sehr viele Nachrichten von einem Ort gesendet, von dem bisher nie gesendet wurde.",
  ["many-places"] = "Es wurde von vielen neuen Orten zugleich gesendet.",
  ["website-burst"] = "Die Website hat weit mehr Nachrichten gesendet als je zuvor, und viele davon wurden abgewiesen.",
  ["credential-stuffing"] = "Jemand, der viele Passwörter durchprobiert hat, ist hineingekommen und hat zu senden begonnen.",
  ["signs"] = "Mehrere kleine Anzeichen zusammen: ehrlicher Versand zeigt sie nie gemeinsam.",
  ["same-customer"] = "Mehrere Postfächer desselben Kunden haben zugleich begonnen, Spam zu senden.",
  ["relapse"] = "Nach der Freigabe wurde erneut Spam gesendet.",
}

local function reason(case) return why[case.policy] or "Die Nachrichten sahen aus, als sende jemand anderes in diesem Namen." end

local function name(case)
  if case.is_site then return "die Website mit der Benutzernummer " .. case.subject:gsub("^uid:", "") end
  return case.subject
end

local function moment(case) return ("%02d.%02d.%d um %s Uhr (%s)"):format(case.day, case.month, case.year, case.clock, case.zone) end

local for_a_website = "Bitte lassen Sie die Website prüfen: aktualisieren Sie sie und ihre Erweiterungen, erneuern Sie ihre Passwörter und entfernen Sie, was nicht von Ihnen stammt."

local function for_a_mailbox(which)
  return "Was jetzt zu tun ist:\n1. Prüfen Sie die Rechner und Telefone, die das Postfach nutzen, auf Schadsoftware."
    .. "\n2. Wählen Sie auf einem sauberen Gerät ein neues Passwort, das sonst nirgends gilt." .. which
    .. "\n3. Suchen Sie nach Filtern und Weiterleitungen, die nicht von Ihnen stammen."
end

local function needed(case) return case.mailbox_count > 1 and " Diese Postfächer brauchen eines:\n" .. case.mailboxes or "" end

local function what_to_do(case) return case.is_site and for_a_website or for_a_mailbox(needed(case)) end

local function help(case) return case.help and "\n\n" .. case.help or "" end

return {
  language = "de",

  suspended = function(case)
    local parts = {
      "Guten Tag,",
      "wir haben den Versand für " .. name(case) .. " am " .. moment(case) .. " gesperrt. Nachrichten kommen weiterhin an und können gelesen werden.",
      reason(case),
    }
    if case.networks then parts[#parts + 1] = "Gesendet wurde von: " .. case.networks end
    if case.is_relapse then parts[#parts + 1] = "Das ist das zweite Mal in kurzer Zeit: vor der Freigabe sieht unser Personal es sich an." end
    parts[#parts + 1] = what_to_do(case)
    if case.link then
      parts[#parts + 1] = "Ist das geschehen, teilen Sie es uns bitte hier mit; der Versand wird dann von selbst freigegeben:\n" .. case.link
    elseif case.is_inside then
      parts[#parts + 1] = "Wer das Passwort hat, kann auch diese Nachricht lesen. Sie enthält deshalb keinen Link: "
        .. (case.has_contact and "der ging an den Kontakt, den wir dafür kennen." or "bitte rufen Sie uns an, wenn es geschehen ist.")
    else
      parts[#parts + 1] = "Ist das geschehen, sagen Sie es uns bitte."
    end
    return {
      subject = "Versand gesperrt: " .. case.subject,
      text = table.concat(parts, "\n\n") .. help(case),
    }
  end,

  restored = function(case)
    return {
      subject = "Versand wieder frei: " .. case.subject,
      text = "Guten Tag,\n\nder Versand für " .. name(case) .. ", gesperrt am " .. moment(case)
        .. ", ist wieder frei. Vielen Dank für Ihre Hilfe.\n\nFalls noch etwas ungewöhnlich aussieht, sagen Sie es uns bitte gleich." .. help(case),
    }
  end,

  line = function(case)
    local text = case.subject .. ", gesperrt am " .. moment(case)
    if case.is_restored then return text end
    text = text .. "\n" .. reason(case)
    if case.networks then text = text .. "\nGesendet wurde von: " .. case.networks end
    if case.mailbox_count > 1 then text = text .. "\nDiese Postfächer brauchen ein neues Passwort:\n" .. case.mailboxes end
    return case.link and text .. "\n" .. case.link or text
  end,

  digest = function(digest)
    local who = ("%d Postfächer oder Websites"):format(digest.count)
    if digest.is_restored then
      return {
        subject = "Versand wieder frei: " .. who,
        text = "Guten Tag,\n\nder Versand für mehrere Ihrer Postfächer oder Websites ist wieder frei. Vielen Dank für Ihre Hilfe.\n\n"
          .. digest.lines .. "\n\nFalls noch etwas ungewöhnlich aussieht, sagen Sie es uns bitte gleich." .. help(digest),
      }
    end
    local parts = {
      "Guten Tag,",
      "wir haben den Versand für mehrere Ihrer Postfächer oder Websites gesperrt. Nachrichten kommen weiterhin an und können gelesen werden.",
      digest.lines,
    }
    if digest.has_mailboxes then parts[#parts + 1] = for_a_mailbox(" Jedes der Postfächer braucht eines.") end
    if digest.has_sites then parts[#parts + 1] = for_a_website end
    parts[#parts + 1] = digest.is_inside
      and "Wer die Passwörter hat, kann auch diese Nachricht lesen. Sie enthält deshalb keine Links: bitte rufen Sie uns an, wenn es geschehen ist."
      or "Ist das geschehen, teilen Sie es uns bitte mit, für jedes über seinen eigenen Link, wo einer steht; der Versand wird dann von selbst freigegeben."
    return { subject = "Versand gesperrt: " .. who, text = table.concat(parts, "\n\n") .. help(digest) }
  end,
}
