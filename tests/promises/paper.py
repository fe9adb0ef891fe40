"""Reads Markdown documents."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
CHECKS = ROOT / "docs" / "checks.md"


def blocks(path, heading, language):
    """Return the fenced blocks below a heading."""
    section = path.read_text(encoding="utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(rf"```{language}\n(.*?)```", section, re.DOTALL)
