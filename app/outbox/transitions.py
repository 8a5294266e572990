"""How a mail to one of us goes from state to state; no other moves are made."""

from app.core.transitions import Transitions
from app.outbox.models import Message, MessageState

M = MessageState

MESSAGE = Transitions(
    Message.state,
    {
        M.QUEUED: (M.CLAIMED, M.WITHDRAWN),
        M.WAITING_TO_RETRY: (M.CLAIMED, M.WITHDRAWN),
        M.CLAIMED: (M.TRANSMITTING, M.REFUSED, M.WAITING_TO_RETRY, M.QUEUED),  # queued: it died
        M.TRANSMITTING: (M.SENT, M.REFUSED, M.WAITING_TO_RETRY, M.UNKNOWN),
        M.SENT: (),
        M.REFUSED: (),
        M.UNKNOWN: (),
        M.WITHDRAWN: (),
    },
)
