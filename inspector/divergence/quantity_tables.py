"""Words of numbers, dates and units: the tables that `quantities` reads by. Data only."""

from __future__ import annotations

from typing import Literal

Bound = Literal["about", "at least", "more than", "at most", "less than"]

# canonical, dimension (capitals: a currency), factor: written exactly so | words, any case, plural by -s
TABLE = """
m length 1 | m | metre meter
km length 1000 | km | kilometre kilometer
cm length .01 | cm | centimetre centimeter
mm length .001 | mm | millimetre millimeter
µm length 1e-6 | µm μm | micrometre micrometer micron
nm length 1e-9 | nm | nanometre nanometer
mile length 1609.344 | mi | mile
yard length .9144 | yd yds | yard
foot length .3048 | ft | foot feet
inch length .0254 | | inch inches
kg mass 1 | kg kgs | kilogram kilogramme kilo
g mass .001 | g | gram gramme
mg mass 1e-6 | mg | milligram
tonne mass 1000 | t | tonne metric_ton
ton mass 907.185 | | ton
pound mass .453592 | lb lbs | pound
ounce mass .0283495 | oz | ounce
second time 1 | sec secs | second
ms time .001 | ms | millisecond
minute time 60 | min mins | minute
hour time 3600 | h hr hrs | hour
day time 86400 | | day
week time 604800 | | week
month time 2629800 | | month
year time 31557600 | yr yrs | year
decade time 315576000 | | decade
century time 3155760000 | | century centuries
m² area 1 | m² m2 sq_m | square_metre square_meter
km² area 1e6 | km² km2 sq_km | square_kilometre square_kilometer
mile² area 2589988 | sq_mi | square_mile
foot² area .092903 | sq_ft | square_foot square_feet
acre area 4046.856 | | acre
hectare area 10000 | ha | hectare
m³ volume 1000 | m³ m3 | cubic_metre cubic_meter
l volume 1 | l L | litre liter
ml volume .001 | ml mL | millilitre milliliter
gallon volume 3.785412 | | gallon
°C temperature 1 | °_C ℃ | degree_celsius degrees_celsius celsius degree_c degrees_c degrees_centigrade
°F temperature .5555556 | °_F ℉ | degree_fahrenheit degrees_fahrenheit fahrenheit degree_f degrees_f
K temperature 1 | K | kelvin
° angle 1 | ° | degree
Hz frequency 1 | Hz | hertz
kHz frequency 1e3 | kHz | kilohertz
MHz frequency 1e6 | MHz | megahertz
GHz frequency 1e9 | GHz | gigahertz
W power 1 | W | watt
kW power 1e3 | kW | kilowatt
MW power 1e6 | MW | megawatt
KB data 1e3 | KB kB | kilobyte
MB data 1e6 | MB | megabyte
GB data 1e9 | GB | gigabyte
TB data 1e12 | TB | terabyte
km/hour speed .2777778 | km/h kmh kph kmph |
mile/hour speed .44704 | mph |
% share 1 | % | percent per_cent pct
% points 1 | pp | percentage_point
times times 1 | × | times
USD USD 1 | USD US_$ | dollar us_dollar american_dollar u_._s_._dollar
cent USD .01 | ¢ | cent
EUR EUR 1 | EUR | euro
GBP GBP 1 | GBP | pounds_sterling british_pound
penny GBP .01 | | pence penny
JPY JPY 1 | JPY | yen
CNY CNY 1 | CNY RMB | yuan renminbi
KRW KRW 1 | KRW | won
INR INR 1 | INR Rs | rupee
CHF CHF 1 | CHF | franc
RUB RUB 1 | RUB | ruble rouble
SEK SEK 1 | SEK | krona kronor
MXN MXN 1 | MXN | peso
AUD AUD 1 | AUD | australian_dollar
CAD CAD 1 | CAD | canadian_dollar
"""
DIMENSION: dict[str, tuple[str, float]] = {}
SHORT: dict[str, str] = {}
LONG: dict[str, str] = {}
for _line in TABLE.strip().splitlines():
    _head, _short, _long = _line.split("|")
    _unit, _dimension, _factor = _head.split()
    _unit = "pp" if _dimension == "points" else _unit
    DIMENSION[_unit] = (_dimension, float(_factor))
    SHORT |= {form.replace("_", " "): _unit for form in _short.split()}
    LONG |= {(form + s).replace("_", " "): _unit for form in _long.split() for s in ("", "s")}
OFFSET = {"°C": 273.15, "°F": 255.3722, "K": 0.0}
SIGNS = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₩": "KRW", "₹": "INR"}
DOLLARS = {"US": "USD", "A": "AUD", "AU": "AUD", "C": "CAD", "CA": "CAD", "HK": "HKD", "NZ": "NZD", "R": "BRL", "S": "SGD"}


def _numbered(words: str, first: int = 0, step: int = 1) -> dict[str, int]:
    return {word: first + step * k for k, word in enumerate(words.split())}


UNDER_20 = _numbered(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen"
)
TENS = _numbered("twenty thirty forty fifty sixty seventy eighty ninety", 20, 10)
SCALES = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "bn": 1e9, "mn": 1e6, "mln": 1e6, "tn": 1e12}
LETTERS = {"m": 1e6, "b": 1e9, "k": 1e3}  # after money: $5m
VAGUE = {"dozens": 12.0, "hundreds": 100.0, "thousands": 1e3, "millions": 1e6, "billions": 1e9}
ORDINALS = _numbered(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth"
    " seventeenth eighteenth nineteenth",
    1,
) | _numbered("twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth hundredth", 20, 10)
PARTS = {w + s: n for w, n in ORDINALS.items() if 3 <= n <= 20 for s in ("", "s")}  # of a whole
PARTS |= {"half": 2, "halves": 2, "quarter": 4, "quarters": 4, "hundredth": 100, "hundredths": 100}
ORDINALS["hundredth"] = 100
VULGAR = {
    "½": 1 / 2,
    "⅓": 1 / 3,
    "⅔": 2 / 3,
    "¼": 1 / 4,
    "¾": 3 / 4,
    "⅕": 0.2,
    "⅖": 0.4,
    "⅗": 0.6,
    "⅘": 0.8,
    "⅛": 0.125,
    "⅜": 0.375,
}
DECADES = _numbered("twenties thirties forties fifties sixties seventies eighties nineties", 20, 10)
MONTHS = _numbered("january february march april may june july august september october november december", 1)
MONTHS_CUT = _numbered("jan feb mar apr may jun jul aug sep oct nov dec", 1) | {"sept": 9}
NAMES = {"april", "march", "may", "june", "august"}  # words or names too: alone they need a word before them
DAYS = _numbered("monday tuesday wednesday thursday friday saturday sunday")
DAYS |= {day + "s": k for day, k in DAYS.items()}
DAYS_CUT = _numbered("mon tue wed thu fri sat sun") | {"tues": 1, "thurs": 3}
SEASONS = {"spring": "spring", "summer": "summer", "autumn": "autumn", "fall": "autumn", "winter": "winter"}
BEFORE_MONTH = set("in of last next early late mid since until till by during this from through every each before after".split())
OWNERS = set("his her their my your our its".split())
TITLES = set(
    "number war chapter part act volume book phase type title article section bowl class category stage level grade".split()
)
NOT_AFTER = set("the this that which each every any no some another a an good new old only other last next first little".split())
NOT_BEFORE = set(
    "of another who whom whose which that is was has had can could may might must should would will does did s and or but".split()
)
BOUNDS: dict[str, Bound] = {}
for _bound, _phrases in {
    "about": "about,around,approximately,approx .,roughly,nearly,almost,some,circa,c .,~,≈,close to,an estimated,estimated",
    "more than": "more than,over,above,exceeding,greater than,upwards of,upward of,in excess of,>",
    "at least": "at least,no fewer than,no less than,not less than,a minimum of,minimum of,≥",
    "at most": "at most,up to,no more than,not more than,a maximum of,maximum of,≤",
    "less than": "less than,fewer than,under,below,<",
}.items():
    BOUNDS |= dict.fromkeys(_phrases.split(","), _bound)
AFTER: dict[str, Bound] = {"or more": "at least", "or so": "about", "or less": "at most", "or fewer": "at most", "+": "at least"}
DASHES = frozenset("-–‐‑")
OPENERS = {"between": ("and",), "from": ("to", "-", "–", "until", "till", "through")}
TIMES = {"once": 1.0, "twice": 2.0, "thrice": 3.0}
ERAS = {"BC": -1, "BCE": -1, "AD": 1, "CE": 1}
QUARTERS = ("Q", "H")
STARTERS = frozenset(
    {
        "a",
        "an",
        "half",
        "minus",
        "couple",
        "dozen",
        "quarter",
        "hundred",
        "noon",
        "midday",
        "midnight",
        "between",
        "from",
        "aged",
        "age",
    }
    | set(UNDER_20)
    | set(TENS)
    | set(SCALES)
    | set(VAGUE)
    | set(ORDINALS)
    | set(VULGAR)
    | set(DECADES)
    | set(MONTHS)
    | set(MONTHS_CUT)
    | set(DAYS)
    | set(DAYS_CUT)
    | set(SEASONS)
    | set(TIMES)
    | {"ad", "ce", "q", "h"}
    | {d.lower() for d in DOLLARS}
    | {u.lower() for u in SHORT if u.isalpha() and DIMENSION[SHORT[u]][0].isupper()}
)
ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
