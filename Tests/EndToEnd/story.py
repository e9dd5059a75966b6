"""The story of a hoster on a real mail system, chapter by chapter.

Needs root, Postfix with lmdb and Dovecot; runs in a mount name space of its own and leaves nothing behind.
Usage: story.py SPERRWERK [--full]
"""
import sys

from chapter_customer import customer
from chapter_desk import desk
from chapter_doctor import doctor
from chapter_dovecot import dovecot_submission
from chapter_dry_run import dry_run
from chapter_first_run import first_run
from chapter_full import full_queue
from chapter_hijack import DORA, hijack
from chapter_kills import kills
from chapter_policies import policies
from chapter_queue import put_back, queue
from chapter_tables import in_one_session, killed, no_answer, overwritten
from chapter_website import held_website, website
from neighbours import ANNA, Neighbours
from people import Client
from stack import say
from stage import play


def restored(stack):
    stack.restore(DORA, "the customer renewed the password")
    say("restored, the customer sends again")


def story(stack):
    is_full = "--full" in sys.argv
    dry_run(stack, say)
    stack.start_sperrwerk()
    first_run(stack, say)
    doctor(stack, say)
    with Client(ANNA) as neighbour:
        assert neighbour.mail_to("freund@langsam.example") == (250, "")
    neighbours = Neighbours(stack)
    hijack(stack, say)
    desk(stack, say)
    queue(stack, say)
    overwritten(stack, say, DORA)
    killed(stack, say, DORA, ANNA)
    restored(stack)
    put_back(stack, say)
    dovecot_submission(stack, say)
    customer(stack, say)
    policies(stack, say)
    website(stack, say)
    held_website(stack, say)
    in_one_session(stack, say)
    no_answer(stack, say)
    kills(stack, say, 40 if is_full else 10)
    sent, received = neighbours.end()
    say(f"all the while the neighbours sent {sent} mails and got {received}: none lost, none twice")
    if is_full:
        full_queue(stack, say)
    assert stack.stop_sperrwerk() == 0


play(story, "the story")
