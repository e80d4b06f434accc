"""Banks by BIC, national bank codes, and the make-up of IBANs."""

from __future__ import annotations

import json
import re
from typing import Any

from toolservers.financial.facts import models
from toolservers.general.facts.loaders.geography import country_names
from toolservers.world.loader import Row, Tables, text_or_none
from toolservers.world.sources import Sources

BIC = re.compile(r"[A-Z0-9]{8}([A-Z0-9]{3})?")


def load(sources: Sources) -> Tables:
    """One row per BIC and per bank code: of several the primary entry, then the first by name.

    BICs are written without the "XXX" of a head office. Entries without a name or a code, malformed BICs, and the
    IBAN formats that are only proposed are left out.
    """
    names = country_names(sources)
    entries = sorted((_entry(raw, names) for raw in _registry(sources)), key=_rank)
    banks: dict[str, Row] = {}
    codes: dict[tuple[str, str], Row] = {}
    for entry in entries:
        if entry["bic"]:
            banks.setdefault(entry["bic"], {key: entry[key] for key in ("bic", "name", "short_name", "country")})
        if entry["code"]:
            codes.setdefault((entry["country"], entry["code"]),
                             {key: entry[key] for key in ("country", "code", "name", "bic")})
    return {models.Bank: list(banks.values()), models.BankCode: list(codes.values()),
            models.IbanSpec: _iban_specs(sources, names)}


def _registry(sources: Sources) -> list[dict[str, Any]]:
    """Entries of every country's file; version 2 files list several codes in one entry."""
    entries: list[dict[str, Any]] = []
    for path in sources.paths("schwifty", "schwifty/bank_registry/*.json"):
        raw = json.loads(sources.read("schwifty", path))
        if isinstance(raw, dict):
            raw = [entry | {"bank_code": code} for entry in raw["entries"] for code in entry["bank_codes"]]
        entries.extend(entry for entry in raw if entry["name"].strip())
    return entries


def _entry(raw: dict[str, Any], names: dict[str, str]) -> Row:
    bic = (raw["bic"] or "").replace(" ", "").upper()
    name, short = " ".join(raw["name"].split()), text_or_none(raw.get("short_name"))
    return {
        "bic": bic.removesuffix("XXX") if BIC.fullmatch(bic) else None, "code": text_or_none(raw.get("bank_code")),
        "name": name, "short_name": short if short != name else None, "country": names[raw["country_code"]],
        "primary": bool(raw.get("primary")),
    }


def _rank(entry: Row) -> tuple[bool, str, str, str, str]:
    return (not entry["primary"], entry["name"], entry["code"] or "", entry["bic"] or "~", entry["short_name"] or "")


def _iban_specs(sources: Sources, names: dict[str, str]) -> list[Row]:
    """The SWIFT registry, with positions put right by the package; territories use their sovereign's entry."""
    official = json.loads(sources.read("schwifty", "schwifty/iban_registry/generated.json"))
    fixes = json.loads(sources.read("schwifty", "schwifty/iban_registry/overwrite.json"))
    merged = {code: spec | fixes.get(code, {}) for code, spec in official.items() if spec["iban_spec"].startswith(code)}
    return [_iban_spec(code, spec, official[code], names[code]) for code, spec in sorted(merged.items())]


def _iban_spec(code: str, spec: dict[str, Any], original: dict[str, Any], country: str) -> Row:
    positions = original["positions"] | spec["positions"]
    bank, account = (positions.get(part) or (None, None) for part in ("bank_code", "account_code"))
    return {
        "country": country, "iso2": code, "length": spec["iban_length"], "bban_length": spec["bban_length"],
        "bban_structure": spec["bban_spec"], "bank_start": bank[0], "bank_end": bank[1],
        "account_start": account[0], "account_end": account[1], "sepa": bool(spec["in_sepa_zone"]),
    }
