"""``python -m tests.exposure_example`` writes docs/examples/exposure.md: one account's exposure to a competitor worked through by the slow method."""

from math import exp, log

from tests.slow import DAY, instant
from tests.slow_exposure import ALPHA, KAPPA, LIFE, READINGS, Exposed
from tests.worked_example import AT, DATE, ROOT, number, said, table

PAGE = ROOT / "docs" / "examples" / "exposure.md"
ACCOUNT, RIVAL = "hengchang", "stratos"
HEAD = """One account of the sample market, {name}, step by step, at the end of {date}:
`dottedline ask competitor-exposure --account {account} --competitor {rival} --as-of {date}`. The figures are worked out row by row from
`samples/market` by plain Python that knows nothing of the product (`tests/slow_exposure.py`); a test compares them with the answer for every account
and both competitors. `python -m tests.exposure_example` writes this page.

Every root is e = alpha (1 - exp(-x / kappa)) where all that it rests on is equally sure, else the mean of that over the levels of confidence.

"""


def page():
    """The whole text."""
    slow = Exposed.of(ROOT / "samples" / "market", AT)
    facts, (threat, each, shares) = slow.facts(ACCOUNT, RIVAL), slow.exposure(ACCOUNT, RIVAL)
    template, weights = slow.template(ACCOUNT), slow.weights(ACCOUNT)
    names = slow.names | {id_: row["name"] for id_, row in slow.companies.items()}
    rival = names[RIVAL]
    text = HEAD.format(name=names[ACCOUNT], date=DATE, account=ACCOUNT, rival=RIVAL)
    text += "**1. Who decides**, and what each weighs: over their roles the sum of confidence x weight.\n\n"
    held = slow.holders(ACCOUNT)
    text += table(
        "person|roles|weighs",
        [
            (names[person], ", ".join(f"{said(role)} {template.get(role, (0.0,))[0]:g}" for role in held if person in held[role]), number(weight))
            for person, weight in sorted(weights.items(), key=lambda item: (-item[1], item[0]))
        ],
    )
    text += f"**2. Installed.** x = 3 x share of the seats, at most 3; of what was removed 2^(-days/{LIFE['INSTALLED']}) is left.\n\n"
    text += table(
        "product|share of seats|satisfaction|renewal|x",
        [
            (row["product_id"], row["seat_share"] or "unknown: 0.5", row["satisfaction"] or "-", row["renewal_on"] or "-", number(x))
            for row, (_, x, _) in zip(slow.uses(ACCOUNT, RIVAL), facts["INSTALLED"], strict=True)
        ],
    )
    text += (
        f"**3. In touch with {rival}.** Each event, or campaign with the latest of its events, adds weight x 2^(-days/{LIFE['INTERACTIONS']}).\n\n"
    )
    text += table(
        "person|event or campaign|days ago|weighs|x",
        [
            (
                names[person],
                thing,
                number((slow.at - at) / DAY, 2),
                number(weight),
                number(weight * 0.5 ** ((slow.at - at) / DAY / LIFE["INTERACTIONS"])),
            )
            for person, weight in weights.items()
            for thing, (at, _) in slow.dealings(person, RIVAL).items()
        ],
    )
    text += f"**4. Worked at {rival}.** Each of who decides adds weight x 2^(-years since/3).\n\n"
    text += table(
        "person|until|confidence|weighs|x",
        [
            (names[row["person_id"]], row["valid_to"] or "now", number(float(row["confidence"] or 1), 2), number(weight), number(left))
            for person, weight in weights.items()
            for row in slow.all_jobs
            if (row["person_id"], row["company_id"]) == (person, RIVAL)
            for left in [weight * slow.left("EX_EMPLOYEES", row)]
        ],
    )
    text += f"**5. Bound to {rival} and heard here.** Each adds how firmly they are bound x R, the weight of the roles whose holders they reach:\n"
    text += (
        "R = sum over roles of weight x (1 - product over holders of (1 - confidence x chance)), the chance being that of the best way in at most\n"
    )
    text += "three steps that passes nobody of ours. Who decides here and worked there counts above alone.\n\n"
    text += table(
        "person|bound|R|x|confidence",
        [
            (names[who], number(firm), number(slow.reached(ACCOUNT, who, READINGS["value"])), number(x), number(sure, 2))
            for who, firm, sure, job in slow.ties(RIVAL)
            if not (job and who in weights)
            for x in [firm * slow.reached(ACCOUNT, who, READINGS["value"])]
            if x > 0
        ],
    )
    text += f"**6. Partners here who sell {rival} too.** Each adds 2^(-days since the last event of theirs with the account/{LIFE['PARTNERS']}).\n\n"
    text += table(
        "partner|activity|confidence",
        [(names[partner], number(activity), number(sure, 2)) for partner, (activity, sure) in slow.partners(ACCOUNT, RIVAL).items()],
    )
    peers = slow.peers(ACCOUNT)
    using = [id_ for id_ in peers if any(slow.holds(row) for row in slow.uses(id_, RIVAL))]
    text += (
        "**7. Peers**: accounts of the same parent, industry or province; each counts once. Valente's exposure is the share of them that use its\n"
    )
    text += f"products: {len(using)} of {len(peers)} ({', '.join(names[id_] for id_ in using)}). x = 2 x {len(using)}/{len(peers)}.\n\n"
    text += "**8. Together.** E = 1 - product of (1 - e); a root's share is that of -ln(1 - e), and its contribution E x share.\n\n"
    order = sorted((name for name in ALPHA if each[name]), key=lambda name: -shares[name])
    text += table(
        "root|alpha|kappa|x|e|-ln(1 - e)|share|contribution",
        [
            (
                said(name),
                f"{ALPHA[name]:g}",
                f"{KAPPA[name]:g}",
                number(sum(x for _, x, _ in facts[name])),
                number(each[name], 4),
                number(-log(1 - each[name]), 4),
                number(shares[name], 3),
                number(threat * shares[name], 4),
            )
            for name in order
        ],
    )
    low, high = (slow.exposure(ACCOUNT, RIVAL, reading)[0] for reading in ("low", "high"))
    text += f"The threat is **{number(threat, 4)}**, from {number(low, 4)} with unsure roles left out to {number(high, 4)} with all taken as sure.\n"
    text += (
        f"Looked at is {slow.known_share(ACCOUNT):.0%} of what could expose it: roots by their alpha, those of people by the weight of the known\n"
    )
    text += "roles.\n\n"
    row = slow.uses(ACCOUNT, RIVAL)[0]
    days, covered = (instant(row["renewal_on"]) - slow.at) / DAY, slow.coverage(ACCOUNT)["value"]
    unhappy, near = (1 - float(row["satisfaction"])) / 2, 1 - min(1.0, days / 365)
    displaced = slow.displacement(ACCOUNT, RIVAL)
    assert abs(displaced - each["INSTALLED"] * unhappy * near * covered) < 1e-12
    text += f"**9. Displacement.** Installed {number(each['INSTALLED'], 4)} x dissatisfaction (1 - {row['satisfaction']})/2 = {number(unhappy, 3)}\n"
    text += (
        f"x nearness of the renewal 1 - {number(days, 1)}/365 = {number(near, 3)} x our coverage {number(covered, 4)} = **{number(displaced, 4)}**.\n"
    )
    assert abs(each["PEERS"] - ALPHA["PEERS"] * (1 - exp(-2 * len(using) / len(peers)))) < 1e-12
    return text


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
