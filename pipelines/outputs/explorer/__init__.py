"""The explorer: one self-contained HTML page for a release, read from disk and without a network.

The page is written by hand: `page.html.jinja`, `explorer.css` and a few modules of plain JavaScript that draw
SVG. No library stands behind it, so nothing is vendored and nothing is fetched. What the page says lies in
`messages.<language>.json`; what it shows is the payload of `render`.
"""

from pipelines.outputs.explorer.page import render

__all__ = ["render"]
