"""Where the window of the envelopes shows the address, in millimetres on a sheet of A4.

The page is laid out around it whatever its size; what is checked here is that a letter has room
left for its letterhead, and an address of seven lines room in the window.
"""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.core.errors import DomainError
from app.settings.services import settings_of

SHEET_WIDTH = 210.0
SIDE = 15.0  # what printers leave blank, and post offices want blank, at the sides
HIGHEST = 18.0  # above it stand marks such as “Reprint”
LOWEST = 105.0  # an envelope shows the upper part of the folded sheet
NARROWEST, SHORTEST = 75.0, 24.0  # seven lines of an address still fit
FOR_LETTERHEAD = 45.0  # beside the window
GAP = 6.0  # between window and letterhead


class WindowDoesNotFit(DomainError):
    """`field` is the measure to change first."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True)
class Window:
    """Where an envelope shows the address, in millimetres from the sheet’s upper left corner."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height

    @property
    def margin(self) -> float:
        """Where the words of the letter begin: under the address, unless that stands far right."""
        return self.left if self.left <= 30 else 20.0

    @property
    def letterhead_is_right(self) -> bool:
        return self._room_right >= self._room_left

    @property
    def letterhead_width(self) -> float:
        return max(self._room_right, self._room_left)

    @property
    def _room_right(self) -> float:
        return SHEET_WIDTH - 20 - self.right - GAP

    @property
    def _room_left(self) -> float:
        return self.left - GAP - self.margin


C5 = Window(left=24.6, top=39.5, width=95.4, height=26.8)  # as published by GOV.UK Notify


def window_of(session: Session) -> Window:
    settings = settings_of(session)
    return Window(
        left=settings.window_left_mm,
        top=settings.window_top_mm,
        width=settings.window_width_mm,
        height=settings.window_height_mm,
    )


def set_window(session: Session, window: Window) -> None:
    refuse_what_does_not_fit(window)
    settings = settings_of(session)
    settings.window_left_mm, settings.window_top_mm = window.left, window.top
    settings.window_width_mm, settings.window_height_mm = window.width, window.height


def refuse_what_does_not_fit(window: Window) -> None:
    if window.left < SIDE:
        raise WindowDoesNotFit("left", f"Begin at least {SIDE:g} mm from the left edge.")
    if window.top < HIGHEST:
        raise WindowDoesNotFit("top", f"Begin at least {HIGHEST:g} mm below the upper edge.")
    if window.width < NARROWEST:
        raise WindowDoesNotFit(
            "width", f"Make the window at least {NARROWEST:g} mm wide: an address needs it."
        )
    if window.height < SHORTEST:
        raise WindowDoesNotFit(
            "height", f"Make it at least {SHORTEST:g} mm high: an address has up to seven lines."
        )
    if window.right > SHEET_WIDTH - SIDE:
        raise WindowDoesNotFit(
            "width",
            f"Left and width together end {window.right:g} mm from the left edge, and the sheet "
            f"has {SHEET_WIDTH:g} with {SHEET_WIDTH - SIDE:g} that can be printed. "
            "Make one of them smaller.",
        )
    if window.bottom > LOWEST:
        raise WindowDoesNotFit(
            "height",
            f"Top and height together end {window.bottom:g} mm below the upper edge. An envelope "
            f"shows at most the first {LOWEST:g} mm of a folded sheet. Make one of them smaller.",
        )
    if window.letterhead_width < FOR_LETTERHEAD:
        raise WindowDoesNotFit(
            "width",
            f"The letterhead is beside the window and needs {FOR_LETTERHEAD:g} mm; this leaves "
            f"{max(window.letterhead_width, 0):g}. Make the window narrower, or move it.",
        )
