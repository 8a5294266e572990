"""The words for states, in plain English: what each means and what happens next."""

from app.directory.models import PostState
from app.imports.models import RowOutcome
from app.interactions.models import OfferState
from app.letters.models import LetterState, MailingState, PrintRunState
from app.letters.models import PostalState as PaperState
from app.reminders.models import OccurrenceState

LETTER_STATES = {
    LetterState.DRAFT: "Being written. It has not been checked.",
    LetterState.READY: "Checked without a problem. It moves on when approval is asked for.",
    LetterState.BY_POST: "Released, and it goes by post alone. How far its paper is, the states of "
    "a letter by post say.",
    LetterState.QUEUED: "Released by a second person and waiting its turn. Stop still works.",
    LetterState.CLAIMED: "A sender has taken it and is connecting to the mail server. If the "
    "sender fails here, the letter is queued again.",
    LetterState.TRANSMITTING: "The mail server has accepted the addressee, and the letter is on "
    "its way to it at this moment.",
    LetterState.SENT: "The mail server accepted it; its words are kept. Later it may bounce, or "
    "be answered. A bounce is recorded on its page; then it no longer counts as sent.",
    LetterState.REFUSED: "The mail server said a permanent no to this address. The address is "
    "marked as failed.",
    LetterState.WAITING_TO_RETRY: "The mail server said “not now”. Liaise tries again after 1, 5, "
    "15 and 30 minutes, then every two hours, but never after the approval has lapsed.",
    LetterState.UNKNOWN: "The connection broke while the letter was being handed over, so it may "
    "have arrived or not. Liaise never sends it again by itself. Check with the addressee or the "
    "mail server’s log, then say “it arrived” or “send again”.",
    LetterState.EXCLUDED: "Left out, for the reason given, for instance an objection.",
    LetterState.STOPPED: "Somebody pressed Stop before it left.",
    LetterState.EXPIRED: "The approval lapsed before it left. It needs approval again.",
}
EDITING_TOGETHER = {
    "Different things": "Both changes are kept, whoever saves first. Whoever saves second is told "
    "what else was changed, and by whom.",
    "The same thing": "Nothing is saved yet. You see what it was, what your colleague saved and "
    "when, and what you typed; keep yours or take theirs. Of a long text you can keep both.",
    "Changed once more": "While you were choosing it was changed again, so you are asked again. "
    "What you typed is still there.",
    "Deleted meanwhile": "You see who deleted it and when, and all you typed. One button restores "
    "it and saves your changes.",
    "Merged meanwhile": "You see which record it became part of, and all you typed, to put in "
    "there what is missing.",
}
PAPER_STATES = {
    PaperState.READY: "Checked, with an address that fits the window. It waits for approval.",
    PaperState.APPROVED: "A second person has released it. It can be printed after the hold.",
    PaperState.PRINTED: "It is in a file for the printer. Post it, then say on which day.",
    PaperState.POSTED: "It went on the day given, and counts as sent from that day.",
    PaperState.RETURNED: "The post brought it back. Its address is marked as returned, and "
    "the letter no longer counts as sent.",
    PaperState.STOPPED: "Stopped, or its approval lapsed, before it was printed.",
}
PRINT_FILE_STATES = {
    PrintRunState.ASKED: "Somebody has asked for it. A job begins it within seconds.",
    PrintRunState.MAKING: "Its letters are set one by one. If the job dies, the next one begins "
    "again two minutes later, in the same order.",
    PrintRunState.READY: "Made, counted, and to be fetched. Its letters are printed. It is kept "
    "until 30 days after its letters were posted, and for 90 days at most.",
    PrintRunState.FAILED: "It was not made, for the reason shown. No letter counts as printed. "
    "“Try again” makes it once more.",
    PrintRunState.TAKEN_BACK: "Never printed. The file is deleted; its letters go into the next "
    "one, which is no reprint.",
}
MAILING_STATES = {
    MailingState.DRAFT: "Being written, chosen and checked. Nothing can leave.",
    MailingState.AWAITING_APPROVAL: "Fixed to the byte, and waiting for a second person to read "
    "it and release it.",
    MailingState.HOLDING: "Released. Nothing leaves before the hold ends, and Stop takes it all "
    "back.",
    MailingState.SENDING: "Letters leave one by one, at the pace in Settings; those by post wait "
    "until somebody has printed and posted them.",
    MailingState.PAUSED: "Sending has halted, for the reason shown. Letters not yet sent wait.",
    MailingState.STOPPED: "Somebody pressed Stop. Nothing after the letter then on its way left.",
    MailingState.FINISHED: "Every letter has come to an end; each one’s own state says which.",
    MailingState.EXPIRED: "The approval lapsed before every letter had left.",
}
POST_STATES = {
    PostState.NAMED: "One person holds the post.",
    PostState.SHARED: "Several people hold it together.",
    PostState.ACTING: "Somebody holds it for the time being.",
    PostState.VACANT: "Somebody looked: the post is empty. The source and the date are kept.",
    PostState.NOT_PUBLISHED: "Somebody looked: the body does not say who holds it.",
    PostState.UNKNOWN: "We do not know who holds it, or nobody has looked.",
}
FOLLOW_UP_STATES = {
    "Coming": "Open, and due after today. The pill shows its day.",
    "Due today": "Open, and to be done today. It counts beside Follow-ups in the menu.",
    "Overdue": "Open, and its day is past. It counts in the menu until it is done, put off or "
    "dropped.",
    "Waiting on them": "Somebody else owes it; its owner here asks after it. It may be due or "
    "overdue like any other.",
    "Put off": "Asleep until the day given, for the reason given, and open again from that day.",
    "Done": "Ticked off. The promise it belongs to counts as kept, and one that repeats has a "
    "next one. It can be taken back.",
    "Dropped": "It will not be done, for the reason given. Of a promise, Liaise asks whether it "
    "was broken or withdrawn.",
}
PROMISE_STATES = {
    "Open": "Ours, and not yet kept. It is on its owner’s list of follow-ups.",
    "Waiting": "Theirs, and not yet kept. Its owner here asks after it.",
    "Overdue": "Its day is past, and nobody has said what became of it.",
    "Kept": "It was done. Beside it is how we know.",
    "Broken": "It was not done. Beside it is what shows that.",
    "Withdrawn": "Whoever made it took it back, or both sides agreed that it is not needed.",
    "Decided": "A decision; it is settled when it is made.",
    "Answered": "A question to which the answer is known.",
    "Done": "Something to follow up that was ticked off.",
}
OFFER_STATES = {
    OfferState.OFFERED: "We made it, and wait for an answer.",
    OfferState.ACCEPTED: "They want it; nothing has begun. On the map the system is at its last "
    "step, working together.",
    OfferState.UNDER_WAY: "We are working on it together.",
    OfferState.DELIVERED: "They have what we offered.",
    OfferState.DECLINED: "They do not want it, or it came to nothing.",
}
MILESTONE_STATES = {
    "Coming": "Its day, month or season is not over yet.",
    "Past its day": "Its day is over. Whoever it binds may still be outstanding; of an event, "
    "nobody has recorded when it happened.",
    "Happened": "What really happened is recorded, with its date.",
    "Cancelled": "It will not come, for the reason given. Nobody is waited for or reminded.",
}
REMINDER_STATES = {
    OccurrenceState.PLANNED: "Its day is still to come. It moves with its milestone.",
    OccurrenceState.FIRED: "Those it was for were told, by bell or mail as each has chosen.",
    OccurrenceState.SKIPPED: "On its day nothing was left to remind of, or nobody to tell. The "
    "reason is noted.",
    OccurrenceState.EXPIRED: "Liaise came to it too late. Whoever should have been told is told "
    "that it was missed.",
    OccurrenceState.SUPERSEDED: "The milestone was cancelled, or its rule changed or stopped, "
    "before its day.",
}
FACT_KEYS = {
    "The pencil": "Changes the one fact beside it, in its place. It shows when you point at the "
    "fact or come to it with Tab; on a phone it is always there. Clicking the words does the same.",
    "Enter": "Saves a box of one line. In a text of several lines it begins the next one.",
    "Ctrl and Enter": "Saves any of them (on a Mac, Cmd and Enter).",
    "Esc": "Puts back what was there, and returns you to the pencil.",
    "Not saved": "Said beside the box, with why. What you typed stays in it, also without a "
    "connection or after your sign-in ended.",
    "Changed by somebody else meanwhile": "Other facts keep what others changed. If it was this "
    "one, you see both and choose.",
}
STANDING_STATES = {
    "Outstanding": "Nothing is recorded of this body. It may have a plan that nobody has seen.",
    "Met on time": "A document or a note says that it was met, on its day or before. Of a month "
    "or season, its last day counts.",
    "Met late": "The same, after its day.",
    "Not applicable": "It need not meet it, for the reason noted. It is not counted.",
}
IMPORT_OUTCOMES = {
    RowOutcome.PROBLEM: "The row cannot be used as it is. Put it right on the check page, or leave "
    "it out: the others are imported without it.",
    RowOutcome.NEW: "It adds something: a person or a post, or a letter sent outside Liaise, which "
    "then counts as sent.",
    RowOutcome.CHANGED: "It changes what is known already. The check page shows from what to what.",
    RowOutcome.UNCHANGED: "All of it is known already, so nothing happens. A letter that was "
    "imported before is not counted twice.",
}
