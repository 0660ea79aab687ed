"""``python -m tests.worked_example`` writes docs/examples/coverage.md: one account of the sample market worked through by hand, so to speak."""

from math import exp
from pathlib import Path

from tests.slow import DAY, REACHED, Slow, exchanged, sums

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "examples" / "coverage.md"
ACCOUNT, DATE = "roads", "2026-06-30"
AT = f"{DATE}T23:59:59.999999"
HEAD = """One account of the sample market, the Ministry of Roads and Waterways, step by step, at the end of {date}:
`dottedline ask coverage --account {account} --as-of {date}`. The figures are worked out row by row from `samples/market` by plain Python that
knows nothing of the product (`tests/slow.py`); a test compares them with the answer. `python -m tests.worked_example` writes this page.

"""


def table(header, rows):
    """A Markdown table; ``|`` separates the header's cells."""
    names = header.split("|")
    return "| " + " | ".join(names) + " |\n" + "|---" * len(names) + "|\n" + "".join("| " + " | ".join(row) + " |\n" for row in rows) + "\n"


def number(value, digits=3):
    """So many digits after the point; a dash for nothing."""
    return "-" if value is None else f"{value:.{digits}f}"


def said(role):
    """A role as people say it."""
    return role.replace("_", " ").lower()


def page():
    """The whole text."""
    slow = Slow.of(ROOT / "samples" / "market", AT)
    held, stances, found = slow.holders(ACCOUNT), slow.stances(ACCOUNT), slow.coverage(ACCOUNT)
    weighty = {role: one for role, one in found["roles"].items() if one["weight"] > 0}
    people = list(dict.fromkeys(person for one in weighty.values() for person in one["holders"]))
    text = HEAD.format(date=DATE, account=ACCOUNT)
    text += "**1. Who holds which role.** No template fits the account, so the default one says what is wanted.\n\n"
    text += table(
        "role|weight|holder|confidence|stance",
        [
            (said(role), number(one["weight"], 2), slow.names[person], number(held[role][person], 2), str(stances.get(person, "unknown")))
            for role, one in weighty.items()
            for person in one["holders"]
        ]
        + [(said(role), number(one["weight"], 2), "nobody is known", "", "") for role, one in weighty.items() if not one["holders"]],
    )
    events = [event for event in slow.events if any(exchanged(event, person, slow.ours, slow.former) for person in people)]
    text += "**2. What happened between them and us**, each event once, whoever of us took part. A meeting of more than two of theirs is shared:\n"
    text += "g = 1 / max(1, log2 k), k being theirs besides the person.\n\n"
    text += table(
        "event|type|on|days ago|theirs|ours",
        [
            (event.id, event.type, f"{event.at:%Y-%m-%d %H:%M}", number((slow.at - event.at) / DAY, 2), *_sides(slow, event))
            for event in sorted(events, key=lambda event: event.at)
        ],
    )
    text += (
        "**3. How close each is.** Every event adds w x q x g x 2^(-days/h), out to them and in from them: a meeting w = 5, h = 180, a call w = 3,\n"
    )
    text += "h = 120, both ways; a message w = 1, h = 90, one way. x* = min(out, in) + 0.25 min(|out - in|, 3), c = 1 - exp(-x*/5).\n\n"
    for person in people:
        text += _closeness(slow, person)
    text += "\n"
    text += table(
        "person|out|in|x*|c|state",
        [(slow.names[person], *_sums(slow, person), number(slow.close(person)), slow.state(person, stances.get(person))) for person in people],
    )
    text += "**4. How well each role is held.** Any of several holders: C = 1 - product of (1 - m c).\n"
    text += "A panel (technical evaluator): the mean of c, each by m.\n\n"
    text += table(
        "role|weight|C|state|weight x C",
        [
            (said(role), number(one["weight"], 2), number(one["value"]), one["state"], number(one["weight"] * (one["value"] or 0), 4))
            for role, one in weighty.items()
        ],
    )
    value, known = number(found["value"], 4), number(found["known"], 2)
    text += f"**5. The account.** The last column sums to **{value}**; a role that nobody is known to hold counts 0.\n"
    text += f"The known share of the weight is {known}, so were the unknown roles as well covered as the known ones it would be\n"
    text += f"{value} / {known} = {number(found['optimistic'], 4)}. Every confidence is 1, so\n"
    text += f"low and high are {number(found['low'], 4)} and {number(found['high'], 4)}.\n\n"
    gains = {person: slow.coverage(ACCOUNT, met=frozenset({person}))["value"] for person in people}
    best = max(gains, key=lambda person: gains[person])
    text += f"**6. What next.** One held meeting adds 5 both ways. Of all holders {slow.names[best]} lifts the account most: to\n"
    text += f"**{number(gains[best], 4)}**. Roles at {REACHED} or more are covered; `coverage-forecast` says until when.\n"
    return text


def _sides(slow, event):
    ours = [slow.names[who] for who, _, _ in event.took if who in slow.ours]
    theirs = [slow.names[who] for who, _, _ in event.took if who not in slow.ours]
    return ", ".join(theirs), ", ".join(ours)


def _closeness(slow, person):
    """One line a person: the terms of out, which are those of in where all went both ways."""
    terms = [
        f"{weight:g} x 2^(-{(slow.at - event.at) / DAY:.2f}/{life})"
        for event in slow.events
        for way, _, sure, weight, life in exchanged(event, person, slow.ours, slow.former)
        if way == "out"
    ]
    out, in_, star = _sums(slow, person)
    if not terms:
        return f"- {slow.names[person]}: no event, c = 0.\n"
    steps = f"out = {' + '.join(terms)} = {out}; in = {in_}; x* = {star}; c = 1 - exp(-{star}/5) = {number(slow.close(person))}"
    return f"- {slow.names[person]}: {steps}.\n"


def _sums(slow, person):
    x, *_ = sums(slow.events, person, slow.at, slow.ours, slow.former)
    out, in_ = (sum(value for (way, _), value in x.items() if way == which) for which in ("out", "in"))
    star = min(out, in_) + 0.25 * min(abs(out - in_), 3)
    assert abs(slow.close(person) - (1 - exp(-star / 5))) < 1e-12
    return number(out), number(in_), number(star)


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
