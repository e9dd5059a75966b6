"""doctor finds the stack well, and finds what is made wrong."""
import json



def findings(stack):
    return json.loads(stack.sperrwerk("doctor", "--format", "json", check=False).stdout)


def faults_of(stack):
    # The machine's clock and resolver are not the stack's.
    return [f for f in findings(stack) if f["state"] == "fault" and f["area"] not in ("clock", "dns")]


def doctor(stack, say):
    found = findings(stack)
    assert not faults_of(stack), faults_of(stack)
    for area in ("policy_service", "websites"):
        assert any(f["area"] == area and f["state"] == "well" for f in found), found
    master = stack.read("postfix/master.cf")
    asks = "-o smtpd_sender_restrictions=$mua_sender_restrictions"
    ends = "  -o smtpd_end_of_data_restrictions=$mua_end_of_data_restrictions\n"
    for wrong, says in [
        (master.replace(asks, asks.replace("$mua", "permit_sasl_authenticated,$mua"), 1),
         "asks the table before any permit"),
        (master.replace(ends, "", 1), "asks again at the end of data"),
        (master.replace("  -o cleanup_service_name=pickup-cleanup\n", ""), "websites can be held"),
    ]:
        assert wrong != master
        stack.write("postfix/master.cf", wrong)
        assert any(says in fault["what"] for fault in faults_of(stack)), says
    stack.write("postfix/master.cf", master)
    say("doctor finds the stack well, and three faults in master.cf")
