"""The codes of languages (ISO 639-1) and countries (ISO 3166-1)."""

import re

# (Babel's aliases give several codes of three letters for a third of them, and do not tell which is meant.)
THREE_LETTERS = dict(
    pair.split(":")
    for pair in (  # noqa: SIM905  a line for each would be no easier to read
        "aa:aar ab:abk ae:ave af:afr ak:aka am:amh an:arg ar:ara as:asm av:ava ay:aym az:aze ba:bak be:bel bg:bul bh:bih bi:bis bm:bam "
        "bn:ben bo:bod br:bre bs:bos ca:cat ce:che ch:cha co:cos cr:cre cs:ces cu:chu cv:chv cy:cym da:dan de:deu dv:div dz:dzo ee:ewe "
        "el:ell en:eng eo:epo es:spa et:est eu:eus fa:fas ff:ful fi:fin fj:fij fo:fao fr:fra fy:fry ga:gle gd:gla gl:glg gn:grn gu:guj "
        "gv:glv ha:hau he:heb hi:hin ho:hmo hr:hrv ht:hat hu:hun hy:hye hz:her ia:ina id:ind ie:ile ig:ibo ii:iii ik:ipk io:ido is:isl "
        "it:ita iu:iku iw:heb ja:jpn jv:jav ka:kat kg:kon ki:kik kj:kua kk:kaz kl:kal km:khm kn:kan ko:kor kr:kau ks:kas ku:kur kv:kom "
        "kw:cor ky:kir la:lat lb:ltz lg:lug li:lim ln:lin lo:lao lt:lit lu:lub lv:lav mg:mlg mh:mah mi:mri mk:mkd ml:mal mn:mon mr:mar "
        "ms:msa mt:mlt my:mya na:nau nb:nob nd:nde ne:nep ng:ndo nl:nld nn:nno no:nor nr:nbl nv:nav ny:nya oc:oci oj:oji om:orm or:ori "
        "os:oss pa:pan pi:pli pl:pol ps:pus pt:por qu:que rm:roh rn:run ro:ron ru:rus rw:kin sa:san sc:srd sd:snd se:sme sg:sag si:sin "
        "sk:slk sl:slv sm:smo sn:sna so:som sq:sqi sr:srp ss:ssw st:sot su:sun sv:swe sw:swa ta:tam te:tel tg:tgk th:tha ti:tir tk:tuk "
        "tl:tgl tn:tsn to:ton tr:tur ts:tso tt:tat tw:twi ty:tah ug:uig uk:ukr ur:urd uz:uzb ve:ven vi:vie vo:vol wa:wln wo:wol xh:xho "
        "yi:yid yo:yor za:zha zh:zho zu:zul"
    ).split()
)
"""ISO 639-1 -> ISO 639-2, all in lower case; with two codes that ISO retired and recordings still carry."""

LANGUAGES = frozenset(THREE_LETTERS) - {"bh", "iw"} | {"sh"}
"""ISO 639-1 as directories take it."""

_COUNTRIES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH
CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN
GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI
LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM
PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD
TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""

COUNTRIES = frozenset(_COUNTRIES.split())
"""ISO 3166-1 alpha-2, upper case."""

_WRITTEN = re.compile(r"([a-z]{2})(?:-(?:[a-z]{2}|\d{3}))?", re.IGNORECASE)


_TAG = re.compile(r"([a-z]{2,3})(-[a-z]{4})?(-(?:[a-z]{2}|\d{3}))?", re.IGNORECASE)
_BIBLIOGRAPHIC = dict(
    pair.split(":")
    for pair in (  # noqa: SIM905  a line for each would be no easier to read
        "alb:sq arm:hy baq:eu bur:my chi:zh cze:cs dut:nl fre:fr geo:ka ger:de gre:el ice:is mac:mk mao:mi may:ms per:fa rum:ro slo:sk "
        "tib:bo wel:cy"
    ).split()
)
"""The second code of three letters that some languages have (ISO 639-2/B) -> ISO 639-1."""
TWO_LETTERS = {three: two for two, three in THREE_LETTERS.items() if two in LANGUAGES} | _BIBLIOGRAPHIC
"""Each code of three letters of a language that has one of two -> that one."""
_NEAREST = {"zh-hant": "zh-tw", "zh-hans": "zh-cn", "fil": "tl", "gsw": "de-ch", "yue": "zh-hk", "cmn": "zh-cn"}
"""What directories know of writings and languages that have no code of two letters."""


CODES = "two letters, or three where it has no two, with a region if needed: en, de, pt-br, fil"
"""How a language is written, for whoever wrote something else."""


def is_language(code: str) -> bool:
    """Whether directories know this code of a language: two letters, with a region where it matters."""
    match = _WRITTEN.fullmatch(code)
    return match is not None and match.group(1).lower() in LANGUAGES


def is_language_tag(code: str) -> bool:
    """Whether a code is one by ISO 639 and BCP 47, if not for every directory: with a script, or of three letters where there are no two."""
    match = _TAG.fullmatch(code)
    primary = match.group(1).lower() if match else ""
    return primary in LANGUAGES if len(primary) == 2 else bool(primary) and primary not in TWO_LETTERS


def usual_language(code: str) -> str:
    """The nearest code of two letters, with its region, for one that directories do not know; "" where none is near."""
    match = _TAG.fullmatch(code.replace("_", "-"))
    if match is None:
        return ""
    primary, script, region = (part.lower() if part else "" for part in match.groups())
    nearest = _NEAREST.get(primary + script) or _NEAREST.get(primary) or TWO_LETTERS.get(primary, primary)
    wanted = nearest[:2] + region if region else nearest
    return wanted if is_language(wanted) else ""
