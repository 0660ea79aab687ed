"""What all pictures share: how one opens, of when it is, its letters, and how a text stands in a Mermaid chart."""

from api.render.letters import wrapped
from graph.markup import escape
from graph.view import ViewUsed

ASSUMED = "partly assumed: without a start, and first said of a later day"
"""What `ViewUsed.assumed` says, as a caption has room for it."""

HEAD, ABOUT = 20.0, 12.0
STYLE = """
  text { fill: #1d2939;
         font-family: "Helvetica Neue", Helvetica, Arial, "Liberation Sans", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif }
  .head { font-size: 20px; font-weight: 600 } .about { font-size: 12px; fill: #475467 }"""


def opened(stem: str, width: float, height: float, title: str, told: str, style: str, *, defs: str = "") -> list[str]:
    """The first lines of a picture: its size, what screen readers say of it, its looks and its ground. ``defs`` is markup already."""
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}" '
        f'role="graphics-document document" aria-labelledby="{stem}-title {stem}-about">',
        f'<title id="{stem}-title">{escape(title)}</title>',
        f'<desc id="{stem}-about">{escape(told)}</desc>',
        f"<style>{STYLE}{style}</style>",
        *([f"<defs>{defs}</defs>"] if defs else []),
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="#f9fafb"/>',
    ]


def dated(view: ViewUsed) -> str:
    """As of when a picture is, and whether that is assumed in part: ``as of 2026-06-30``."""
    return f"as of {view.as_of:%Y-%m-%d}" + (f", {ASSUMED}" if view.assumed else "")


def heading(x: float, width: float, head: str, about: str) -> list[str]:
    """What a picture of that width is of, in a line, and as of when, in two at most; what has no room ends in an ellipsis, the title has it whole."""
    room = width - 2 * x
    lines = [("head", 38, text) for text in wrapped(head, HEAD, room, 1, bold=True)]
    lines += [("about", 58 + 16 * at, text) for at, text in enumerate(wrapped(about, ABOUT, room, 2))]
    return [f'<text class="{look}" x="{x:.0f}" y="{y}">{escape(text)}</text>' for look, y, text in lines]


def label(*lines: str) -> str:
    """Lines of text as a Mermaid chart takes them between quotes; breaks within one are spaces."""
    return "<br/>".join(" ".join(line.split()).replace("&", "&amp;").replace('"', "#quot;").replace("<", "&lt;") for line in lines)
