"""The words for states, in plain English: what each means and what happens next."""

from app.directory.models import PostState
from app.letters.models import LetterState, MailingState

LETTER_STATES = {
    LetterState.DRAFT: "Being written. It has not been checked.",
    LetterState.READY: "Checked without a problem. It moves on when approval is asked for.",
    LetterState.QUEUED: "Released by a second person and waiting its turn. Stop still works.",
    LetterState.CLAIMED: "A sender has taken it and is connecting to the mail server. If the "
    "sender fails here, the letter is queued again.",
    LetterState.TRANSMITTING: "The mail server has accepted the addressee, and the letter is on "
    "its way to it at this moment.",
    LetterState.SENT: "The mail server accepted it; its words are kept. Later it may bounce, or "
    "be answered.",
    LetterState.REFUSED: "The mail server said a permanent no to this address. The person is on "
    "the list of addresses to put right.",
    LetterState.WAITING_TO_RETRY: "The mail server said “not now”. Liaise tries again after 1, 5, "
    "15 and 30 minutes, then every two hours, but never after the approval has lapsed.",
    LetterState.UNKNOWN: "The connection broke while the letter was being handed over, so it may "
    "have arrived or not. Liaise never sends it again by itself. Check with the addressee or the "
    "mail server’s log, then say “it arrived” or “send again”.",
    LetterState.EXCLUDED: "Left out, for the reason given, for instance an objection.",
    LetterState.STOPPED: "Somebody pressed Stop before it left.",
    LetterState.EXPIRED: "The approval lapsed before it left. It needs approval again.",
}
MAILING_STATES = {
    MailingState.DRAFT: "Being written, chosen and checked. Nothing can leave.",
    MailingState.AWAITING_APPROVAL: "Fixed to the byte, and waiting for a second person to read "
    "it and release it.",
    MailingState.HOLDING: "Released. Nothing leaves before the hold ends, and Stop takes it all "
    "back.",
    MailingState.SENDING: "Letters leave one by one, at the pace in Settings.",
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
