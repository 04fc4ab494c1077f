"""Language tags of muxed streams: ISO 639-2, as MP4, MOV, Matroska and WebM have them."""

from __future__ import annotations

# ISO 639-1 and ISO 639-2/T.
_TERM_PAIRS = """
    aa:aar ab:abk ae:ave af:afr ak:aka am:amh an:arg ar:ara as:asm av:ava ay:aym az:aze ba:bak
    be:bel bg:bul bh:bih bi:bis bm:bam bn:ben bo:bod br:bre bs:bos ca:cat ce:che ch:cha co:cos
    cr:cre cs:ces cu:chu cv:chv cy:cym da:dan de:deu dv:div dz:dzo ee:ewe el:ell en:eng eo:epo
    es:spa et:est eu:eus fa:fas ff:ful fi:fin fj:fij fo:fao fr:fra fy:fry ga:gle gd:gla gl:glg
    gn:grn gu:guj gv:glv ha:hau he:heb hi:hin ho:hmo hr:hrv ht:hat hu:hun hy:hye hz:her ia:ina
    id:ind ie:ile ig:ibo ii:iii ik:ipk io:ido is:isl it:ita iu:iku ja:jpn jv:jav ka:kat kg:kon
    ki:kik kj:kua kk:kaz kl:kal km:khm kn:kan ko:kor kr:kau ks:kas ku:kur kv:kom kw:cor ky:kir
    la:lat lb:ltz lg:lug li:lim ln:lin lo:lao lt:lit lu:lub lv:lav mg:mlg mh:mah mi:mri mk:mkd
    ml:mal mn:mon mr:mar ms:msa mt:mlt my:mya na:nau nb:nob nd:nde ne:nep ng:ndo nl:nld nn:nno
    no:nor nr:nbl nv:nav ny:nya oc:oci oj:oji om:orm or:ori os:oss pa:pan pi:pli pl:pol ps:pus
    pt:por qu:que rm:roh rn:run ro:ron ru:rus rw:kin sa:san sc:srd sd:snd se:sme sg:sag si:sin
    sk:slk sl:slv sm:smo sn:sna so:som sq:sqi sr:srp ss:ssw st:sot su:sun sv:swe sw:swa ta:tam
    te:tel tg:tgk th:tha ti:tir tk:tuk tl:tgl tn:tsn to:ton tr:tur ts:tso tt:tat tw:twi ty:tah
    ug:uig uk:ukr ur:urd uz:uzb ve:ven vi:vie vo:vol wa:wln wo:wol xh:xho yi:yid yo:yor za:zha
    zh:zho zu:zul
"""

# ISO 639-2/T and ISO 639-2/B, where they differ.
_BOOK_PAIRS = """
    bod:tib ces:cze cym:wel deu:ger ell:gre eus:baq fas:per fra:fre hye:arm isl:ice kat:geo
    mkd:mac mri:mao msa:may mya:bur nld:dut ron:rum slk:slo sqi:alb zho:chi
"""
# What FFmpeg's muxer of QuickTime files knows: Macintosh language codes, by ISO 639-2.
_QUICKTIME_CODES = """
alb amh ara arm asm aym aze baq bel ben bul bur cat ces chi dan dut dzo eng epo est fin fra geo ger
gre grn guj heb hin hun ice ind ita jav jpn kan kas kaz khm kin kir kor kur lao lat lav lit mac mal
mar may mlg mlt mon nep nor nya ori orm per pol por pus que ron run rus san sin slk slv snd som spa
swa tam tat tel tgk tgl tha tib tir tuk tur uig ukr urd uzb vie wel yid
"""
_QUICKTIME = frozenset(_QUICKTIME_CODES.split())
# Those that it has by other names.
_MACINTOSH = {"swe": "sve", "hrv": "hr ", "srp": "sr ", "fao": "fo "}
_TERMS = dict(pair.split(":") for pair in _TERM_PAIRS.split())
_BOOKS = dict(pair.split(":") for pair in _BOOK_PAIRS.split())
_TERM_OF = {book: term for term, book in _BOOKS.items()} | {"sve": "swe"}


def language_tag(language: str | None, container: str | None) -> str | None:
    """The language in ISO 639-2 as a container writes it (Container.languages); None: not at all.

    Takes ISO 639-1, ISO 639-2 of either kind, or either with a region or script (``pt-BR``).
    Matroska and WebM write bibliographic codes (``fre``), MP4 terminological ones (``fra``;
    ISO/IEC 14496-12, 8.4.2); MOV knows some languages alone. What is no such code is not written:
    players would take it for another language.
    """
    term = terminological(language)
    if container is None:
        return None
    if term is None or container == "mp4":
        return term
    book = _BOOKS.get(term, term)
    if container in ("matroska", "webm"):
        return book
    found = next((code for code in (term, book) if code in _QUICKTIME), None)
    return found or _MACINTOSH.get(term)


def terminological(language: str | None) -> str | None:
    """The language in ISO 639-2/T, by which tags can be compared; None where it is none."""
    primary = (language or "").strip().lower().replace("_", "-").partition("-")[0]
    if primary in _TERMS:
        return _TERMS[primary]
    is_code = len(primary) == 3 and primary.isascii() and primary.isalpha() and primary != "und"
    return _TERM_OF.get(primary, primary) if is_code else None
