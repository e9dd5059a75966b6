"""Two websites: one sends 200 spam mails by sendmail, one speaks SMTP to its own machine."""
from people import BLOG, SHOP, is_open, site_mail, site_speaks, uid_of

TEXT = "Guten Tag"


def website(stack, say):
    shop = f"uid:{uid_of(SHOP)}"
    taken = refused = 0
    for number in range(200):
        name = "locker" if number % 7 == 6 else "opfer"
        status = site_mail(SHOP, f"{name}{number}@ziel{number % 9}.example", "SPAM",
                           sender=f"forged{number}-site@bank.example")
        assert status in (0, 75), status
        refused += status == 75
        taken += status == 0
        assert status == 75 or not refused, f"taken again after a refusal: mail {number}"
    assert taken < 120, taken
    say(f"200 spam mails of a website: {taken} handed over, then sendmail exits 75")
    assert stack.read("sites") == SHOP + "\n"
    stack.wait(lambda: stack.seen(shop, f"{SHOP} stands in"), "read-back")
    assert site_mail(BLOG, "freundin@gross.example") == 0
    said = site_speaks(SHOP, "opfer@ziel1.example", text="SPAM")
    assert said[0].startswith("554") and "Sending is suspended" in said[0], said
    assert site_speaks(BLOG, "freundin2@gross.example") == ["250"]
    say("it is refused over SMTP to 127.0.0.1 as well; the other website sends both ways")
    stack.sperrwerk("restore", shop, "--reason", "cleaned up")
    stack.wait(lambda: site_mail(SHOP, "kunde@gross.example") == 0, "restored website")
    stack.wait(lambda: "kunde@gross.example" in stack.world.accepted, "the website's mail")
    say("restored, it sends again")


def held_website(stack, say):
    """On hold, what a website hands over stays in the queue, either way; let go, all of it goes out."""
    blog = f"uid:{uid_of(BLOG)}"
    stack.sperrwerk("hold", blog, "--reason", "to see")
    stack.wait(lambda: stack.entry("sites_held", uid_of(BLOG)).startswith("HOLD"), "held website")
    assert site_mail(BLOG, "gehalten1@gross.example") == 0
    assert site_speaks(BLOG, "gehalten2@gross.example") == ["250"]

    def held():
        return {r["address"] for m in stack.held() for r in m["recipients"]}
    stack.wait(lambda: {"gehalten1@gross.example", "gehalten2@gross.example"} <= held(), "held mail")
    listed = {one["address"] for one in stack.queued_of(blog)}
    assert {"gehalten1@gross.example", "gehalten2@gross.example"} <= listed, listed
    say("a website on hold: what sendmail and SMTP take stays in the queue, and is its own")
    stack.sperrwerk("dismiss", blog, "--reason", "a false alarm")
    stack.wait(lambda: not any(who.startswith("gehalten") for who in held()), "release")
    stack.wait(lambda: not stack.entry("sites_held", uid_of(BLOG)), "open website")
    stack.postfix("postqueue", "-f")
    stack.wait(lambda: {"gehalten1@gross.example", "gehalten2@gross.example"}
               <= set(stack.world.accepted), "the released mail")
    say("a false alarm: what was kept back goes out by itself")
