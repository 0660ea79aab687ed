"""How a state of coverage looks: a colour, a sign and a word, so that nothing rests on the colour alone."""

from math import cos, pi, sin
from typing import NamedTuple


class Look(NamedTuple):
    """Colour, word and sign; ``share`` is how much of the disc is filled, where the sign is one."""

    colour: str
    word: str
    sign: str = "disc"
    share: float = 0.0


LOOKS = {
    "DEEP": Look("#0b5d3b", "deep", share=1.0),
    "COVERED": Look("#2e8b57", "covered", share=0.75),
    "SHALLOW": Look("#b7791f", "shallow", share=0.25),
    "STALE": Look("#7a5c1e", "gone cold", "clock"),
    "ONE_WAY": Look("#c05621", "no answer", "arrow"),
    "NEVER": Look("#667085", "never met", share=0.0),
    "OPPOSED": Look("#a3180d", "opposed", "cross"),
    "DO_NOT_CONTACT": Look("#6b2a8c", "do not contact", "stop"),
    "UNMAPPED": Look("#667085", "not known", "ring"),
}
"""The best first; not known last."""


def sign(state: str, x: float, y: float, radius: float = 6.0) -> str:
    """The state's sign around a point: a disc that is the fuller the closer they are, a clock, an arrow, a cross, a stop sign, a dashed ring."""
    colour, _, shape, share = LOOKS[state]
    ring = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" fill="#fff" stroke="{colour}" stroke-width="1.6"'
    half = radius / 2
    if shape == "ring":
        return f'{ring} stroke-dasharray="2.5 2"/>'
    if shape == "clock":
        return f'{ring}/><path d="M{x:.1f} {y - radius + 2:.1f}V{y:.1f}H{x + half:.1f}" fill="none" stroke="{colour}" stroke-width="1.6"/>'
    if shape == "arrow":
        line = (
            f"M{x - radius:.1f} {y:.1f}h{2 * radius:.1f}m-{half + 1:.1f} -{half + 1:.1f}l{half + 1:.1f} {half + 1:.1f}l-{half + 1:.1f} {half + 1:.1f}"
        )
        return f'<path d="{line}" fill="none" stroke="{colour}" stroke-width="1.8"/>'
    if shape == "cross":
        line = f"M{x - half - 1:.1f} {y - half - 1:.1f}l{radius + 2:.1f} {radius + 2:.1f}m0 -{radius + 2:.1f}l-{radius + 2:.1f} {radius + 2:.1f}"
        return f'<path d="{line}" fill="none" stroke="{colour}" stroke-width="2.4"/>'
    if shape == "stop":
        line = f"M{x - half:.1f} {y - half:.1f}l{radius:.1f} {radius:.1f}"
        return f'{ring}/><path d="{line}" stroke="{colour}" stroke-width="1.8"/>'
    if share >= 1:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" fill="{colour}" stroke="{colour}" stroke-width="1.6"/>'
    if share <= 0:
        return f"{ring}/>"
    end_x, end_y = x + radius * sin(2 * pi * share), y - radius * cos(2 * pi * share)
    pie = f"M{x:.1f} {y:.1f}V{y - radius:.1f}A{radius:g} {radius:g} 0 {int(share > 0.5)} 1 {end_x:.2f} {end_y:.2f}z"
    return f'{ring}/><path d="{pie}" fill="{colour}"/>'
