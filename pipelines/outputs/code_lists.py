"""What the codes of a release mean, for every format that can say so beside its data."""

import re
from typing import NamedTuple


class Meaning(NamedTuple):
    """What a code stands for, and where this release uses it in a narrower sense, which."""

    name: str
    description: str | None = None


OBS_STATUS: dict[str, Meaning] = {
    "A": Meaning("Normal value", "Used where the certificate level is 3 or 4."),
    "B": Meaning("Break in the time series"),
    "D": Meaning("Another definition than that of the series"),
    "E": Meaning("Estimated value"),
    "F": Meaning("Forecast value"),
    "G": Meaning("Experimental value", "Used where the certificate level is 1."),
    "H": Meaning("Missing: holiday or weekend"),
    "I": Meaning("Value imputed by an international organisation"),
    "J": Meaning("Derogation"),
    "K": Meaning("Included in another category"),
    "L": Meaning("Missing: exists and is not disseminated", "Used where a value is withheld for its quality."),
    "M": Meaning("Missing: cannot exist"),
    "N": Meaning("Not significant"),
    "O": Meaning("Missing", "Used where an input is missing."),
    "P": Meaning("Provisional value"),
    "Q": Meaning("Missing: suppressed", "Used where a value is withheld for confidentiality."),
    "S": Meaning("Strike or other special event"),
    "U": Meaning("Low reliability", "Used where the certificate level is 2."),
    "V": Meaning("Value that nobody has validated"),
    "W": Meaning("Includes another category"),
}
"""The codes of SDMX's CL_OBS_STATUS, in our words.

Where only one status may stand, G and U lose against nearly every other; that is why the certificate level has a
column of its own.
"""

CONF_STATUS: dict[str, Meaning] = {
    "F": Meaning("Free"),
    "N": Meaning("Not for publication"),
    "C": Meaning("Confidential: respondents could be identified"),
    "D": Meaning("Secondary confidentiality set by the sender"),
    "S": Meaning("Secondary confidentiality set and managed by the receiver"),
}
"""The codes of SDMX's CL_CONF_STATUS, in our words."""

FREQUENCY: dict[str, Meaning] = {
    "A": Meaning("Annual", "The reference period is a year, however often the source is published."),
    "Q": Meaning("Quarterly", "The reference period is a quarter."),
    "M": Meaning("Monthly", "The reference period is a month."),
}
"""The codes of SDMX's CL_FREQ for the periods that a release can have."""

CERTIFICATE_LEVEL: dict[str, Meaning] = {
    "0": Meaning("quarantined", "Not to be used, or no certificate."),
    "1": Meaning("experimental"),
    "2": Meaning("indicative"),
    "3": Meaning("statistical"),
    "4": Meaning("accredited"),
}
"""The levels of a certificate, lowest first."""

ALIGNMENT: dict[str, Meaning] = {
    "exact": Meaning("The United Nations' definition of the SDG indicator"),
    "proxy": Meaning("Measures something else that moves with the SDG indicator"),
    "contextual": Meaning("Helps to read an SDG target and measures no SDG indicator"),
}
"""How an indicator stands to the SDG framework."""

_BREAKDOWNS = {
    "sex": {"F": "Female", "M": "Male"},
    "urbanisation": {"U": "Urban", "R": "Rural"},
}
_AGES = ((r"Y_GE(\d+)", "{} years and over"), (r"Y_LT(\d+)", "Under {} years"), (r"Y(\d+)T(\d+)", "{} to {} years"))


def breakdown_name(column: str, code: str) -> str:
    """The name of a code in a column of breakdowns; the code itself where it is none of SDMX's."""
    if code == "_T":
        return "Total"
    if column == "age_group":
        for pattern, name in _AGES:
            if found := re.fullmatch(pattern, code):
                return name.format(*found.groups())
    return _BREAKDOWNS.get(column, {}).get(code, code)
