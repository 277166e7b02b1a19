"""A model as a TOML file: read with every fault and its place at once, written without loss.

In: a path, a text or the name of a ready model.  Out: a `Model`, or `BadModel` with all faults.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import tomli_w
from pydantic import ValidationError

from core.errors import BadModel, Fault, UnknownName
from core.model.model import Model, contradictions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic_core import ErrorDetails

READY = Path(__file__).parents[2] / "data" / "models"
"""Where the ready models live."""
DEFAULT = "tier1_scorecard"
"""The model a first visit opens with."""

_KINDS = "bands, categories, linear, points"
_SAYINGS = {
    "missing": ("it is missing", "Add it"),
    "extra_forbidden": ("there is no such key", "Remove it, or mend its spelling"),
    "union_tag_invalid": ("there is no kind {tag}", f"Use one of {_KINDS}"),
    "union_tag_not_found": ("its kind is missing", f"Add kind = one of {_KINDS}"),
    "greater_than_equal": ("{input} is below {ge:g}", "Give a number in range"),
    "less_than_equal": ("{input} is above {le:g}", "Give a number in range"),
    "greater_than": ("{input} is not above {gt:g}", "Give a number in range"),
    "float_parsing": ("{input!r} is not a number", "Give a number, without quotes"),
    "float_type": ("{input!r} is not a number", "Give a number, without quotes"),
    "finite_number": ("{input} is not a finite number", "Give a number"),
    "int_type": ("{input!r} is not a whole number", "Give a whole number"),
    "int_from_float": ("{input} is not a whole number", "Give a whole number"),
    "string_type": ("{input!r} is not a text", "Put it in quotes"),
    "string_too_short": ("the text is empty", "Write something"),
    "string_too_long": ("the text is too long", "Write at most {max_length} characters"),
    "string_pattern_mismatch": ("{input!r} is not an id", "Use lower-case letters, digits and _"),
    "too_short": ("there are {actual_length}, and at least {min_length} are needed", "Add what is missing"),
    "too_long": ("there are {actual_length}, and at most {max_length} are allowed", "Remove some"),
}


@cache
def ready_models() -> Mapping[str, Path]:
    """List the ready models, which came with the program: name to file, the default first."""
    names = sorted(READY.glob("*.toml"), key=lambda path: (path.stem != DEFAULT, path.stem))
    return MappingProxyType({path.stem: path for path in names})


def load(name_or_path: str | Path) -> Model:
    """Read a ready model by its name, or a model file by its path.

    Raises `UnknownName` where there is neither, `BadModel` where the file has faults.
    """
    ready = ready_models()
    path = ready.get(str(name_or_path), Path(name_or_path))
    if not path.is_file():
        raise UnknownName.of("ready model or model file", str(name_or_path), ready)
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        fault = Fault("file", "the file is not UTF-8 text", "Save it as UTF-8")
        raise BadModel([fault], source=path.name) from error
    return loads(text, source=path.name)


def loads(text: str, *, source: str = "the model") -> Model:
    """Read a model from TOML text; raises `BadModel` with every fault and its place."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadModel([Fault("file", f"this is not TOML: {error}", "Mend the line named")], source=source) from error
    return build(raw, source=source)


def build(raw: dict[str, Any], *, source: str = "the model") -> Model:
    """Make a model of plain values, laid out as in the file; raises `BadModel` with every fault and its place."""
    try:
        return Model.model_validate(raw)
    except ValidationError as error:
        raise BadModel(_faults(error, raw), source=source) from error


def dumps(model: Model) -> str:
    """Write a model as TOML, leaving out what has its default; `loads(dumps(m)) == m`."""
    data = model.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True)
    for criterion, record in zip(data["criteria"], model.criteria, strict=True):
        criterion["kind"] = record.kind  # a default, but the reader needs it to know which record to build
    return tomli_w.dumps(_plain(data))


def _faults(error: ValidationError, raw: dict[str, Any]) -> list[Fault]:
    """Say each of pydantic's findings in our words, and what parts of the file get wrong together."""
    # A list whose items are all wrong is also called too short: that is no fault of the file's.
    details = [d for d in error.errors() if d["type"] != "too_short" or len(d["input"]) < d["ctx"]["min_length"]]
    # pydantic looks for a contradiction only once every single value is right, and then tells the first, without its
    # place; so they are looked for here as well.
    contradictory = [Fault(place, what, "Mend it") for place, what in _contradictions(raw)]
    said = {fault.what for fault in contradictory}
    return [fault for detail in details if (fault := _fault(detail, raw)).what not in said] + contradictory


def _fault(detail: ErrorDetails, raw: dict[str, Any]) -> Fault:
    place = _place(detail["loc"], raw)
    if detail["type"] in _SAYINGS:
        what, way_out = _SAYINGS[detail["type"]]
        facts = {"input": detail["input"], **detail.get("ctx", {})}
        return Fault(place, what.format(**facts), way_out.format(**facts))
    return Fault(place, detail["msg"].removeprefix("Value error, "), "Mend it")


def _place(location: tuple[int | str, ...], raw: dict[str, Any]) -> str:
    """Write a location as a reader counts: criteria[2] (industry).bands[1].points, from 1."""
    place, here = "", raw
    kinds = {"bands", "categories", "linear", "points"}
    for i, step in enumerate(location):
        if isinstance(step, int):
            place += f"[{step + 1}]"
            here = here[step] if isinstance(here, list) and step < len(here) else {}
            label = here.get("id") or here.get("name") if isinstance(here, dict) else None
            place += f" ({label})" if label else ""
        elif step in kinds and i == 2 and location[0] == "criteria":  # the tag of the union, not a key
            continue
        else:
            place += ("." if place else "") + step
            here = here.get(step, {}) if isinstance(here, dict) else {}
    return place or "model"


def _contradictions(raw: dict[str, Any]) -> list[tuple[str, str]]:
    """Look for contradictions in what can be understood of a file that has other faults too."""

    def rows(key: str) -> list[dict[str, Any]]:
        value = raw.get(key)
        return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []

    def number(value: object) -> float | None:
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

    importance = [value for row in rows("criteria") if (value := number(row.get("importance"))) is not None]
    tiers = [(str(row.get("name")), cut) for row in rows("tiers") if (cut := number(row.get("cut_off"))) is not None]
    all_tiers = len(tiers) == len(rows("tiers")) > 0
    return contradictions(
        [str(row.get("id")) for row in rows("criteria")],
        importance if len(importance) == len(rows("criteria")) else [],
        tiers if all_tiers else [],
        [(str(row.get("id")), str(row.get("best_tier"))) for row in rows("gates")] if all_tiers else [],
    )


def _plain(value: Any) -> Any:  # a tree of TOML values
    """Write whole numbers without a decimal point: 30, not 30.0."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    # TOML promises whole numbers of 64 bits only, and a float holds every whole number up to 2^53.
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value
