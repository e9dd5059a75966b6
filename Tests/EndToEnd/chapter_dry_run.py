"""The dry run says what it would do, and touches nothing."""
from people import SHOP, Client, site_mail, uid_of

FRIDA = "frida@westfeld.example"


def dry_run(stack, say):
    stack.start_sperrwerk(is_dry=True)
    prints = stack.prints()
    with Client(FRIDA) as customer:
        assert customer.mail_to("vorher@langsam.example") == (250, "")
    for number in range(30):
        with Client(FRIDA, f"198.51.100.{number + 100}") as thief:
            assert thief.mail_to(f"probe{number}@ziel{number % 9}.example", "SPAM") == (250, "")
    stack.wait(lambda: stack.seen(FRIDA, "dry run: would suspend"), "dry case")
    stack.sperrwerk("hold", f"uid:{uid_of(SHOP)}", "--reason", "to see")
    assert site_mail(SHOP, "auch@gross.example") == 0
    listed = stack.sperrwerk("queue", "list", FRIDA)
    assert "vorher@langsam.example" in listed.stdout, listed
    released = stack.sperrwerk("queue", "release", FRIDA, "--reason", "x", check=False)
    assert released.returncode != 0 and "a dry run touches no queue" in released.stderr, released
    with Client(FRIDA) as customer:
        assert customer.mail_to("nachher@gross.example") == (250, "")
    assert stack.prints() == prints, "a dry run changed a file"
    assert not stack.held(), "a dry run put mail on hold"
    stack.wait(lambda: [m["queue_name"] for m in stack.queue()
                        if m["recipients"][0]["address"].startswith("vorher")] == ["deferred"], "queue")
    assert stack.stop_sperrwerk() == 0
    assert stack.prints() == prints, "the end of a dry run changed a file"
    say("a dry run says whom it would suspend; all files, tables and the queue are as they were")
