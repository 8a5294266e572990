"""Loading the bodies of England's systems from the reference files, again and again."""

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from app.directory.models import (
    CouncilShare,
    Organisation,
    OrganisationCode,
    OrganisationKind,
    OrganisationName,
    PostType,
    Region,
    Succession,
    SuccessionKind,
    Tile,
)
from app.directory.reference_reconciler import Loaded, Reconciler, ReferenceValue
from app.directory.services.posts import make_due_posts

FOLDER = Path(__file__).parent / "reference"

BOARDS_BEGAN_ON = date(2022, 7, 1)
BOARDS_MERGED_ON = date(2026, 4, 1)
COUNCILS_CHANGED_ON = date(2023, 4, 1)

PUBLIC = "public source"
DERIVED = "derived from the board’s"
BEGAN_SOURCE = "england.nhs.uk integrated-care-in-your-area; NHS Act 2006 s.14Z25"
CODES_SOURCE = "ONS Open Geography and NHS organisation codes (Open Government Licence v3.0)"
POPULATION_SOURCE = "ONS mid-2020 estimates (Open Government Licence v3.0)"
SHARES_SOURCE = "ONS small areas to councils and systems (Open Government Licence v3.0)"

Line = dict[str, str]


def load(session: Session, *, on: date, folder: Path = FOLDER) -> Loaded:
    """Bring the directory up to the reference files, leaving alone what people changed."""
    loader = BodyLoader(session, folder)
    loader.regions()
    loader.national_bodies()
    loader.systems()
    loader.bodies_of_systems()
    loader.councils()
    loader.codes()
    loader.shares()
    loader.successions()
    loader.tiles()
    loader.post_types()
    make_due_posts(session, on=on)
    return loader.ledger.loaded


class BodyLoader:
    """One run over the files, each kind of record in its turn."""

    def __init__(self, session: Session, folder: Path) -> None:
        self.ledger = Reconciler(session)
        self.folder = folder
        self.region_of: dict[str, Region | None] = {}
        self.body_of: dict[str, Organisation | None] = {}
        self.boards_2022 = list(self.lines("icbs.csv"))
        first = {line["ods_code"]: line for line in self.boards_2022}
        self.boards_2026 = list(self.lines("icbs_2026.csv"))
        self.new_boards = [line for line in self.boards_2026 if line["ods_code"] not in first]

    def lines(self, name: str) -> Iterator[Line]:
        with (self.folder / name).open(encoding="utf-8-sig", newline="") as file:
            yield from csv.DictReader(file)

    # -- regions and national bodies ------------------------------------------------------------

    def regions(self) -> None:
        found = {
            line["nhse_region_ods"]: (line["nhse_region"], line["nhse_region_ons"])
            for line in self.boards_2022
        }
        for ods, (name, ons) in sorted(found.items()):
            says = {
                "ods_code": ReferenceValue(ods, CODES_SOURCE, PUBLIC),
                "ons_code": ReferenceValue(ons, CODES_SOURCE, PUBLIC),
                "name": ReferenceValue(name, CODES_SOURCE, PUBLIC),
                "source": ReferenceValue(CODES_SOURCE),
                "confidence": ReferenceValue(PUBLIC),
            }
            self.region_of[ods] = self.ledger.settle(Region, ods, says, same={"ods_code": ods})
        self.ledger.flush()

    def national_bodies(self) -> None:
        for line in self.lines("national_bodies.csv"):
            fields = ("name", "short_name", "website", "note")
            says = {name: _said(line, line[name] or None) for name in fields}
            says["kind"] = _said(line, OrganisationKind(line["kind"]))
            self._body(line["key"], says)
        self.ledger.flush()
        nhs_england = self.body_of["nhs_england"]
        for ods, region in self.region_of.items():
            if region is None:
                continue
            says = _public(CODES_SOURCE, ods_code=ods, ons_code=region.ons_code)
            says |= _public(
                CODES_SOURCE,
                kind=OrganisationKind.NHS_ENGLAND,
                name=f"NHS England {region.name}",
                short_name=f"NHS England {region.name}",
                region_id=region.id,
                part_of_id=nhs_england.id if nhs_england else None,
            )
            self._body(f"team:{ods}", says)
        self.ledger.flush()

    # -- systems, their boards and partnerships -------------------------------------------------

    def systems(self) -> None:
        for line in self.boards_2022:
            self._system(line, line["ics_short_name"], None, *_life(line))
        for line in self.new_boards:
            note = "Its partnership is not in the reference files: add it once it is known."
            self._system(line, _short(line["icb_name"]), note, BOARDS_MERGED_ON, None)
        self.ledger.flush()

    def _system(
        self, line: Line, name: str, note: str | None, began_on: date, ended_on: date | None
    ) -> None:
        fields = {
            "kind": OrganisationKind.ICS,
            "name": f"{name} Integrated Care System",
            "short_name": name,
            "region_id": self._region_id(line["nhse_region_ods"]),
            "population": _number(line.get("population_mid2020")),
            "population_0_24": _number(line.get("population_0_24_mid2020")),
            "established_on": began_on,
            "dissolved_on": ended_on,
            "note": note,
        }
        says = {
            field: ReferenceValue(value, "its board", DERIVED) for field, value in fields.items()
        }
        says["population"] = ReferenceValue(fields["population"], POPULATION_SOURCE, PUBLIC)
        says["population_0_24"] = ReferenceValue(
            fields["population_0_24"], POPULATION_SOURCE, PUBLIC
        )
        self._body(f"ics:{line['ods_code']}", says)

    def bodies_of_systems(self) -> None:
        now = {line["ods_code"]: line for line in self.boards_2026}
        for line in self.boards_2022:
            self._board(line, now.get(line["ods_code"]), _note_of_board(line), *_life(line))
            self._partnership(line)
        for line in self.new_boards:
            self._board(line, line, None, BOARDS_MERGED_ON, None)
        self.ledger.flush()

    def _board(
        self, line: Line, now: Line | None, note: str | None, began_on: date, ended_on: date | None
    ) -> None:
        system = self.body_of[f"ics:{line['ods_code']}"]
        check = now["check"] if now and now["check"] else ""
        codes = f"{PUBLIC} ({check})" if check else PUBLIC
        says = {
            **_public(
                CODES_SOURCE,
                kind=OrganisationKind.ICB,
                name=line["icb_name"],
                region_id=self._region_id(line["nhse_region_ods"]),
            ),
            "note": ReferenceValue(
                note, line.get("change_source") or line.get("cluster_source", ""), PUBLIC
            ),
            "short_name": ReferenceValue(
                f"{_short(line['icb_name'])} ICB", "its official name", "derived"
            ),
            "part_of_id": ReferenceValue(system.id if system else None, "its system", PUBLIC),
            "ods_code": ReferenceValue(line["ods_code"], CODES_SOURCE, codes),
            "ons_code": ReferenceValue(
                now["ons_code_2026"] if now else line["ons_code_apr2023"], CODES_SOURCE, codes
            ),
            **_public(BEGAN_SOURCE, established_on=began_on),
        }
        if domain := line.get("website_domain"):
            says["website"] = ReferenceValue(
                f"https://{domain}", "icbs.csv", f"{PUBLIC} (not tested live)"
            )
        if "population_mid2020" in line:
            says |= _public(
                POPULATION_SOURCE,
                population=_number(line["population_mid2020"]),
                population_0_24=_number(line["population_0_24_mid2020"]),
            )
        says["dissolved_on"] = ReferenceValue(ended_on, line.get("change_source", ""), PUBLIC)
        self._body(line["ods_code"], says)

    def _partnership(self, line: Line) -> None:
        """When it began is not in the files. When its board ended is not when it ended."""
        system = self.body_of[f"ics:{line['ods_code']}"]
        note = None
        if _life(line)[1]:
            note = (
                "Its board was abolished on 1 April 2026. What became of this partnership is not "
                "recorded: find out, then record its end or its successor."
            )
        says = _public(
            "its board",
            kind=OrganisationKind.ICP,
            region_id=self._region_id(line["nhse_region_ods"]),
            part_of_id=system.id if system else None,
            note=note,
        )
        # Some names carry an explanation in brackets, which a short name does without.
        names = {"name": line["icp_name"], "short_name": line["icp_name"].partition(" (")[0]}
        for field, name in names.items():
            says[field] = ReferenceValue(name, line["icp_name_source"], line["icp_name_status"])
        self._body(f"icp:{line['ods_code']}", says)

    # -- councils -------------------------------------------------------------------------------

    def councils(self) -> None:
        regions = {line["ods_code"]: line["nhse_region_ods"] for line in self.boards_2022}
        main: dict[str, Line] = {}
        for line in self.lines("ics_local_authorities.csv"):
            known = main.get(line["la_ons_code"])
            if known is None or _percent(line) > _percent(known):
                main[line["la_ons_code"]] = line
        for ons, line in main.items():
            is_new = line["note"].startswith("new unitary")
            says = _public(
                SHARES_SOURCE,
                kind=OrganisationKind.LOCAL_AUTHORITY,
                name=line["la_name"],
                short_name=line["la_name"],
                ons_code=ons,
                established_on=COUNCILS_CHANGED_ON if is_new else None,
                note=_sentence(line["la_type"], line["note"] if "unitary" in line["note"] else ""),
            )
            region_id = self._region_id(regions[line["icb_ods_code"]])
            says["region_id"] = ReferenceValue(
                region_id, "the board with most of its area", "derived"
            )
            self._body(ons, says)
        self.ledger.flush()

    def shares(self) -> None:
        for line in self.lines("ics_local_authorities.csv"):
            board, council = self.body_of[line["icb_ods_code"]], self.body_of[line["la_ons_code"]]
            successor = self.body_of[line["successor_ods_2026"]]
            if board is None or council is None:
                continue
            says = _public(
                SHARES_SOURCE,
                board_id=board.id,
                council_id=council.id,
                successor_board_id=successor.id if successor else None,
                role=line["role"],
                percent_of_council=_percent(line),
                straddles=line["straddles"] == "yes",
                note=line["note"],
                source=SHARES_SOURCE,
                confidence=PUBLIC,
            )
            self.ledger.settle(
                CouncilShare,
                f"{line['icb_ods_code']}/{line['la_ons_code']}",
                says,
                same={"board_id": board.id, "council_id": council.id},
            )
        self.ledger.flush()

    # -- codes over time ------------------------------------------------------------------------

    def codes(self) -> None:
        now = {line["ods_code"]: line for line in self.boards_2026}
        for line in self.boards_2022:
            ods = line["ods_code"]
            began_on, ended_on = _life(line)
            last_day = ended_on - timedelta(days=1) if ended_on else None
            self._code(ods, "ODS", ods, since=began_on, until=last_day, sure=PUBLIC)
            steps = [(line["ons_code_jul2022"], began_on)]
            steps.append((line["ons_code_apr2023"], COUNCILS_CHANGED_ON))
            if ods in now:
                steps.append((now[ods]["ons_code_2026"], BOARDS_MERGED_ON))
            check = now[ods]["check"] if ods in now else ""
            for code, since, until in _spans(steps, last_day):
                is_latest = since == BOARDS_MERGED_ON
                sure = f"{PUBLIC} ({check})" if check and is_latest else PUBLIC
                self._code(ods, "ONS", code, since=since, until=until, sure=sure)
        for line in self.new_boards:
            sure = f"{PUBLIC} ({line['check']})"
            for scheme, code in (("ODS", line["ods_code"]), ("ONS", line["ons_code_2026"])):
                self._code(
                    line["ods_code"], scheme, code, since=BOARDS_MERGED_ON, until=None, sure=sure
                )
        self.ledger.flush()

    def _code(
        self, body: str, scheme: str, code: str, *, since: date, until: date | None, sure: str
    ) -> None:
        organisation = self.body_of[body]
        if organisation is None:
            return
        says = {
            field: ReferenceValue(value, CODES_SOURCE, sure)
            for field, value in {
                "organisation_id": organisation.id,
                "scheme": scheme,
                "code": code,
                "since": since,
                "until": until,
                "source": CODES_SOURCE,
                "confidence": sure,
            }.items()
        }
        self.ledger.settle(
            OrganisationCode,
            f"{body}/{scheme}/{code}",
            says,
            same={"organisation_id": organisation.id, "scheme": scheme, "code": code},
        )

    # -- successions ----------------------------------------------------------------------------

    def successions(self) -> None:
        """Each of the boards' successions is its systems' as well: they live and end together."""
        for line in self.lines("icb_successions_2026.csv"):
            self._succession(line, "", line["source"], PUBLIC)
            self._succession(line, "ics:", "its board", DERIVED)
        self.ledger.flush()

    def _succession(self, line: Line, prefix: str, source: str, confidence: str) -> None:
        before = self.body_of[prefix + line["predecessor_ods"]]
        after = self.body_of[prefix + line["successor_ods"]]
        if before is None or after is None:
            return
        day = date.fromisoformat(line["effective_date"])
        fields = {
            "predecessor_id": before.id,
            "successor_id": after.id,
            "effective_on": day,
            "kind": SuccessionKind(line["type"]),
            "note": line["territory_note"],
            "source": source,
            "confidence": confidence,
        }
        self.ledger.settle(
            Succession,
            f"{prefix}{line['predecessor_ods']}>{line['successor_ods']}",
            {name: ReferenceValue(value, source, confidence) for name, value in fields.items()},
            same={"predecessor_id": before.id, "successor_id": after.id, "effective_on": day},
        )

    # -- the map --------------------------------------------------------------------------------

    def tiles(self) -> None:
        for line in self.lines("ics_hex_grid.csv"):
            board = self.body_of[line["ods_code"]]
            if board is None:
                continue
            holder = self.body_of.get(line["tile_holder_2026"])
            says = _drawn(
                board_id=board.id,
                abbreviation=line["abbr"],
                column=int(line["col"]),
                row=int(line["row"]),
                x_centre=float(line["x_centre"]),
                y_centre_down=float(line["y_centre_down"]),
                holder_2026_id=holder.id if holder else None,
            )
            self.ledger.settle(Tile, line["ods_code"], says, same={"board_id": board.id})
            self._abbreviation(line["abbr"], self.body_of[f"ics:{line['ods_code']}"])
        self.ledger.flush()

    def _abbreviation(self, name: str, system: Organisation | None) -> None:
        if system is None:
            return
        says = _drawn(
            organisation_id=system.id,
            name=name,
            kind="abbreviation",
            source="the tile map",
            confidence="our own",
        )
        self.ledger.settle(
            OrganisationName,
            f"{system.id}/{name}",
            says,
            same={"organisation_id": system.id, "name": name},
        )

    # -- posts ----------------------------------------------------------------------------------

    def post_types(self) -> None:
        for line in self.lines("post_types.csv"):
            fields = ("code", "name", "addressed_as", "duty", "source")
            says = {name: _said(line, line[name]) for name in fields}
            says["organisation_kinds"] = _said(line, line["organisation_kinds"].split(";"))
            says["position"] = _said(line, int(line["position"]))
            self.ledger.settle(PostType, line["code"], says, same={"code": line["code"]})
        self.ledger.flush()

    # -- small words ----------------------------------------------------------------------------

    def _body(self, key: str, says: dict[str, ReferenceValue]) -> None:
        def same(row: Organisation) -> bool:
            """Entered by hand before: of this kind, with this code or else this name."""
            if row.kind is not says["kind"].value or (row.dissolved_on and not ends):
                return False
            codes = [name for name in ("ods_code", "ons_code") if name in says]
            if any(getattr(row, name) == says[name].value for name in codes):
                return True
            return not codes and row.name == says["name"].value

        ends = "dissolved_on" in says and says["dissolved_on"].value is not None
        self.body_of[key] = self.ledger.settle(Organisation, key, says, same=same)

    def _region_id(self, ods: str) -> int | None:
        region = self.region_of[ods]
        return region.id if region else None


def _said(line: Line, value: object) -> ReferenceValue:
    return ReferenceValue(value, line["source"], line["confidence"])


def _public(source: str, /, **fields: object) -> dict[str, ReferenceValue]:
    return {name: ReferenceValue(value, source, PUBLIC) for name, value in fields.items()}


def _drawn(**fields: object) -> dict[str, ReferenceValue]:
    return {
        name: ReferenceValue(value, "the tile map", "our own drawing")
        for name, value in fields.items()
    }


def _life(line: Line) -> tuple[date, date | None]:
    ended = line["status_at_2026_04_01"] == "abolished"
    return BOARDS_BEGAN_ON, BOARDS_MERGED_ON if ended else None


def _short(board: str) -> str:
    return board.removeprefix("NHS ").removesuffix(" Integrated Care Board")


def _number(text: str | None) -> int | None:
    return int(text) if text else None


def _percent(line: Line) -> float:
    """The later count where there is one; a share gone by 2024 is kept at what it was."""
    return float(line["pct_of_la_lsoas_2024"] or line["pct_of_la_lsoas_jul2022"] or 0)


def _sentence(*parts: str) -> str:
    said = "; ".join(part for part in parts if part)
    return f"{said[:1].upper()}{said[1:]}."


def _note_of_board(line: Line) -> str | None:
    """What the file tells of the changes of 2025 and 2026, in sentences."""
    parts = []
    if line["change_note"]:
        parts.append(_sentence(line["change_note"]))
    if line["cluster_2025"]:
        parts.append(f"Cluster in 2025: {line['cluster_2025']} ({line['cluster_source']}).")
    if line["website_alternatives"]:
        parts.append(f"Also on the web at {line['website_alternatives']}.")
    return " ".join(parts) or None


def _spans(
    steps: list[tuple[str, date]], last_day: date | None
) -> Iterator[tuple[str, date, date | None]]:
    """From the days codes were seen on, how long each held."""
    changes = [s for i, s in enumerate(steps) if i == 0 or s[0] != steps[i - 1][0]]
    for (code, since), following in zip(changes, [*changes[1:], None], strict=True):
        yield code, since, following[1] - timedelta(days=1) if following else last_day
