"""Currencies (ISO 4217)."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

from toolservers.general.facts import models
from toolservers.world.loader import Row, Tables
from toolservers.world.sources import Sources

# ISO 4217 list three, of which the package ships none: withdrawn currencies that the ECB quoted.
WITHDRAWN = {
    "BGN": (975, "Bulgarian Lev"), "CYP": (196, "Cyprus Pound"), "EEK": (233, "Kroon"), "HRK": (191, "Kuna"),
    "LTL": (440, "Lithuanian Litas"), "LVL": (428, "Latvian Lats"), "MTL": (470, "Maltese Lira"),
    "ROL": (642, "Romanian Leu (old)"), "SIT": (705, "Tolar"), "SKK": (703, "Slovak Koruna"),
    "TRL": (792, "Turkish Lira (old)"),
}
OLD_LEU_LIRA = {"ROL": 2, "TRL": 0}


def load(sources: Sources) -> Tables:
    """A currency is taken once however many countries use it."""
    return {models.Currency: _currencies(sources)}


def _currencies(sources: Sources) -> list[Row]:
    root = ElementTree.fromstring(sources.read("iso4217", "iso4217/table.xml"))
    active = {row["code"]: row for row in map(_active, root.iter("CcyNtry")) if row}
    withdrawn = [
        {"code": code, "numeric": numeric, "name": name, "minor_units": OLD_LEU_LIRA.get(code, 2), "active": False}
        for code, (numeric, name) in WITHDRAWN.items() if code not in active
    ]
    return [*active.values(), *withdrawn]


def _active(entry: ElementTree.Element) -> Row | None:
    code, digits = entry.findtext("Ccy"), entry.findtext("CcyMnrUnts", "")
    if code is None:  # a country without a currency of its own
        return None
    return {
        "code": code, "numeric": int(entry.findtext("CcyNbr", "")), "name": entry.findtext("CcyNm", "").strip(),
        "minor_units": int(digits) if digits.isdigit() else None, "active": True,
    }
