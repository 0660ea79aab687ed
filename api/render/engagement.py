"""A ledger for a terminal, and as rows."""

from api.render.sheets import Rows
from queries.account_engagement import AccountEntry, AccountStanding
from queries.engagement import Engagement, Ledger

HEAD = ["model", "at", "event_id", "type", "label", "about", "rule", "reason", "points", "lifted", "counted", "now", "total", "total_now", "source"]


def table(answer: Engagement) -> str:
    """The sentence, then event by event with running totals; under a second model too, where one was asked for."""
    made = "\n".join([answer.score.why, answer.fit.why, "", *lines(answer)])
    if answer.replay:
        made += "\n".join([f"\n\nUnder {answer.replay.model}: {answer.replay.score.why}", "", *lines(answer.replay)])
    return made.rstrip()


def lines(ledger: Ledger | AccountStanding) -> list[str]:
    """A line an event; of an account with who did it."""
    told = [f"{'':16}  {'rule':<14} {'points':>6} {'lifts':>6} {'counts':>6} {'now':>6} {'total':>7} {'left':>7}"]
    for one in ledger.entries:
        who = f"  {one.person.name}:" if isinstance(one, AccountEntry) and one.person else " "
        figures = f"{one.points:>6g} {one.lifted:>6g} {one.counted:>6g} {one.now:>6.2f} {one.total:>7g} {one.total_now:>7.2f}"
        reason = "" if one.reason == "COUNTED" else f"  {one.reason.value.replace('_', ' ').lower()}"
        told.append(f"{one.event.at:%Y-%m-%d %H:%M}  {one.rule:<14} {figures} {who} {one.event.label}{reason}")
    if ledger.entry_count > len(ledger.entries):
        told.append(f"The latest {len(ledger.entries)} of {ledger.entry_count}; --entries shows more.")
    return told if ledger.entries else []


def sheet(answer: Engagement) -> Rows:
    """One row an event and model."""
    yield HEAD
    for ledger in (answer, answer.replay):
        for one in ledger.entries if ledger else ():
            event = (one.event.at, one.event.id, one.event.kind, one.event.label)
            figures = (one.points, one.lifted, one.counted, one.now, one.total, one.total_now)
            yield [ledger.model if ledger else None, *event, one.about, one.rule, one.reason, *figures, one.event.source]


FORMATS = {"table": table}
