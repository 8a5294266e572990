"""How a mailing, a letter, its paper and a file for the printer go from state to state.

These tables are all there is: no other module sets such a state, and a move that is not in them is
refused. `docs/states.md` is drawn from them.
"""

from app.core.transitions import Transitions
from app.letters.models import (
    Letter,
    LetterState,
    Mailing,
    MailingState,
    PostalState,
    PrintRun,
    PrintRunState,
)

M, L, P, F = MailingState, LetterState, PostalState, PrintRunState

MAILING = Transitions(
    Mailing.state,
    {
        M.DRAFT: (M.AWAITING_APPROVAL,),
        # Sent back it is a draft again; if some of it has left already, the rest only lapses again.
        M.AWAITING_APPROVAL: (M.HOLDING, M.DRAFT, M.EXPIRED),
        M.HOLDING: (M.SENDING, M.PAUSED, M.STOPPED, M.EXPIRED),
        M.SENDING: (M.FINISHED, M.PAUSED, M.STOPPED, M.EXPIRED),
        M.PAUSED: (M.SENDING, M.PAUSED, M.STOPPED, M.EXPIRED),  # paused: for another reason
        # A new copy of an *unknown* letter opens it once more.
        M.STOPPED: (M.HOLDING,),
        M.FINISHED: (M.HOLDING,),
        M.EXPIRED: (M.AWAITING_APPROVAL, M.HOLDING),
    },
)
LETTER = Transitions(
    Letter.state,
    {
        # Letters of a draft are thrown away and written anew whenever it changes.
        L.DRAFT: (),
        L.READY: (L.QUEUED, L.BY_POST, L.EXPIRED),  # expired: put forward again, and sent back
        L.BY_POST: (L.EXCLUDED, L.STOPPED, L.EXPIRED),
        L.QUEUED: (L.CLAIMED, L.STOPPED, L.EXPIRED),
        L.CLAIMED: (L.TRANSMITTING, L.QUEUED, L.EXCLUDED, L.WAITING_TO_RETRY, L.REFUSED),
        L.TRANSMITTING: (L.SENT, L.REFUSED, L.WAITING_TO_RETRY, L.QUEUED, L.UNKNOWN),
        L.WAITING_TO_RETRY: (L.QUEUED, L.STOPPED, L.EXPIRED),
        L.UNKNOWN: (L.SENT, L.STOPPED),  # stopped: a person had a new copy sent instead
        L.EXPIRED: (L.READY, L.EXCLUDED),
        L.SENT: (),
        L.REFUSED: (),
        L.EXCLUDED: (),
        L.STOPPED: (),
    },
)
PAPER = Transitions(
    Letter.post_state,
    {
        P.READY: (P.APPROVED,),
        P.APPROVED: (P.PRINTED, P.READY, P.STOPPED),  # ready: the approval lapsed
        P.PRINTED: (P.POSTED, P.APPROVED),  # approved: its file was taken back
        P.POSTED: (P.RETURNED, P.PRINTED),  # printed: not posted after all
        P.RETURNED: (P.POSTED,),  # it was another letter that came back
        P.STOPPED: (),
    },
)
PRINT_FILE = Transitions(
    PrintRun.state,
    {
        F.ASKED: (F.MAKING,),
        # Making: the job that made it died. Asked: it was told to end.
        F.MAKING: (F.READY, F.FAILED, F.MAKING, F.ASKED),
        F.READY: (F.TAKEN_BACK,),
        F.FAILED: (F.ASKED,),
        F.TAKEN_BACK: (),
    },
)
