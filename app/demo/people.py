"""Made-up names for the demo: nobody could take one of these for a real person."""

GIVEN = (
    "Alder", "Bramble", "Clover", "Damson", "Elder", "Fennel", "Gorse", "Hazel", "Iris", "Juniper",
)  # fmt: skip
FAMILY = ("Sample", "Specimen", "Example", "Madeup", "Placeholder", "Pretend", "Mockup", "Demo")
TITLES = ("Dr", "", "Ms", "Mr", "Professor", "", "Dame", "Cllr")

# Each pair once; neighbours share neither name.
NAMES = [
    (GIVEN[(number + number // len(FAMILY)) % len(GIVEN)], FAMILY[number % len(FAMILY)])
    for number in range(len(GIVEN) * len(FAMILY))
]


def made_up(number: int) -> dict[str, str]:
    """The details of the nth made-up person; eighty of them differ."""
    given, family = NAMES[number % len(NAMES)]
    return {
        "title": TITLES[number % len(TITLES)],
        "given_name": given,
        "family_name": family,
        "details_source": "https://example.org/made-up-board-page",
    }


def postal_address(number: int) -> str:
    """In a town that is not there; no postcode begins with ZA."""
    return f"{number} Made-up Street\nExampleton\nZA99 9ZZ"


def address(number: int) -> str:
    given, family = NAMES[number % len(NAMES)]
    return f"{given}.{family}@example.org".lower()
