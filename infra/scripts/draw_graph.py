"""Draws the two graphs into docs/agent.md, between its marks, from the code that builds them."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from agents.graph import CompiledGraph, build_agent, build_chain  # noqa: E402

PAGE = ROOT / "docs" / "agent.md"


def refreshed(text: str) -> str:
    """The page with both pictures as the code has them."""
    for name, build in (("agent", build_agent), ("chain", build_chain)):
        before, after = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
        start, end = text.find(before), text.find(after)
        if not 0 <= start < end:
            raise SystemExit(f"{PAGE}: no place for the picture of {name}")
        text = text[: start + len(before)] + drawn(build()) + text[end:]
    return text


def drawn(graph: CompiledGraph) -> str:
    """A graph as a Mermaid block: dotted arrows are decisions."""
    picture = graph.get_graph().draw_mermaid(with_styles=False).strip()
    return f"```mermaid\n{picture}\n```\n"


def main() -> None:
    """Writes the page anew."""
    PAGE.write_text(refreshed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
