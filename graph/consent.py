"""What the legal basis that a source writes of a person allows: the one place that decides it (docs/privacy.md). Pure.

The bases are those of GDPR Art. 6(1) and PIPL Art. 13. Data kept for the law's sake, somebody's life or an office are not there to market with (GDPR
Art. 5(1)(b), PIPL Art. 6); of a consent that was taken back, or an objection, nothing is left (GDPR Art. 7(3) and 21(3), PIPL Art. 15).
"""

from enum import StrEnum


class LegalBasis(StrEnum):
    """Why data of a person may be kept."""

    CONSENT = "CONSENT"
    CONTRACT = "CONTRACT"
    LEGITIMATE_INTEREST = "LEGITIMATE_INTEREST"
    PUBLISHED = "PUBLISHED"
    LEGAL_OBLIGATION = "LEGAL_OBLIGATION"
    VITAL_INTEREST = "VITAL_INTEREST"
    PUBLIC_TASK = "PUBLIC_TASK"
    WITHDRAWN = "WITHDRAWN"


WRITTEN = {
    LegalBasis.CONSENT: "consent|freely given consent from contact|opt in|art. 6(1)(a)|gdpr art. 6(1)(a)|同意|个人同意",
    LegalBasis.CONTRACT: "contract|performance of a contract|art. 6(1)(b)|gdpr art. 6(1)(b)|合同|履行合同",
    LegalBasis.LEGITIMATE_INTEREST: "legitimate interest|legitimate interests|legitimate interest – existing customer|"
    "legitimate interest – prospect/lead|legitimate interest – other|art. 6(1)(f)|gdpr art. 6(1)(f)|正当利益|合法利益",
    LegalBasis.PUBLISHED: "published|public role|public information|publicly available|公开信息|已公开",
    LegalBasis.LEGAL_OBLIGATION: "legal obligation|art. 6(1)(c)|gdpr art. 6(1)(c)|法定义务|法定职责",
    LegalBasis.VITAL_INTEREST: "vital interest|vital interests|art. 6(1)(d)|gdpr art. 6(1)(d)|生命健康|紧急情况",
    LegalBasis.PUBLIC_TASK: "public task|public interest|art. 6(1)(e)|gdpr art. 6(1)(e)|公共利益|新闻报道",
    LegalBasis.WITHDRAWN: "withdrawn|consent withdrawn|objected|objection|opt out|opted out|none|撤回|撤回同意|反对",
}
"""How sources write them, in whatever case; ``-`` and ``_`` may stand for spaces. Any other word is kept and decides nothing."""
BARRING = (LegalBasis.LEGAL_OBLIGATION, LegalBasis.VITAL_INTEREST, LegalBasis.PUBLIC_TASK, LegalBasis.WITHDRAWN)
"""Whoever is known on such a ground is shown, never recommended, and contacted over no channel."""
CONTACTABLE = "They did not opt out, no legal basis bars it, and their consent, if it ends, still holds."
"""What answers say of a flag that tells whether somebody may be contacted."""

_BASIS = {word.replace(" ", between): basis for basis, words in WRITTEN.items() for word in words.split("|") for between in " _-"}
BARRING_WORDS = sorted(word for word, basis in _BASIS.items() if basis in BARRING)
"""How these are written, in lower case: what reads compare with."""


def basis_of(written: str | None) -> LegalBasis | None:
    """The basis that a source means; None where it says none, or one that nobody knows: what that allows is unknown."""
    return _BASIS.get(written.strip().lower()) if written else None
