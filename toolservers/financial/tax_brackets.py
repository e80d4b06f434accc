"""US federal income tax brackets: lower bounds of taxable income, in dollars, by tax year and filing status.

Source: Internal Revenue Service, Rev. Proc. 2022-38 (tax year 2023), 2023-34 (2024) and 2024-40 (2025), tax rate
tables 1 to 4; the rates are those of 26 U.S.C. § 1(j).
"""

from __future__ import annotations

from typing import Literal

FilingStatus = Literal["single", "joint", "separate", "head"]
RATES = (10, 12, 22, 24, 32, 35, 37)
"""Percent, from the lowest bracket to the highest."""

BRACKETS: dict[int, dict[FilingStatus, tuple[int, ...]]] = {
    2023: {
        "single": (0, 11_000, 44_725, 95_375, 182_100, 231_250, 578_125),
        "joint": (0, 22_000, 89_450, 190_750, 364_200, 462_500, 693_750),
        "separate": (0, 11_000, 44_725, 95_375, 182_100, 231_250, 346_875),
        "head": (0, 15_700, 59_850, 95_350, 182_100, 231_250, 578_100),
    },
    2024: {
        "single": (0, 11_600, 47_150, 100_525, 191_950, 243_725, 609_350),
        "joint": (0, 23_200, 94_300, 201_050, 383_900, 487_450, 731_200),
        "separate": (0, 11_600, 47_150, 100_525, 191_950, 243_725, 365_600),
        "head": (0, 16_550, 63_100, 100_500, 191_950, 243_700, 609_350),
    },
    2025: {
        "single": (0, 11_925, 48_475, 103_350, 197_300, 250_525, 626_350),
        "joint": (0, 23_850, 96_950, 206_700, 394_600, 501_050, 751_600),
        "separate": (0, 11_925, 48_475, 103_350, 197_300, 250_525, 375_800),
        "head": (0, 17_000, 64_850, 103_350, 197_300, 250_500, 626_350),
    },
}
