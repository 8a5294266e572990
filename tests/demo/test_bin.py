"""What was deleted of the made-up story goes with it, restored or not."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.administration import deleting
from app.bin.models import Binned, BinnedRow
from app.demo import services
from app.demo.models import DemoRow
from app.interactions.models import Offer, OfferStep
from tests.factories import NOON, make_user


def test_nothing_of_the_demo_is_left_in_the_bin_or_comes_back_from_it(demo: Session) -> None:
    by = make_user(demo, "A real one")
    first, second = demo.scalars(select(Offer).order_by(Offer.id).limit(2)).all()
    deleting.delete(demo, "offer", first, by=by, at=NOON)
    back = deleting.delete(demo, "offer", second, by=by, at=NOON)
    deleting.restore(demo, back, by=by, at=NOON)
    services.clear(demo)
    assert not demo.scalars(select(Offer)).all()
    assert not demo.scalars(select(OfferStep)).all()
    assert not demo.scalars(select(DemoRow)).all()
    assert not demo.scalars(select(BinnedRow)).all()
    assert not demo.scalars(select(Binned)).all()
