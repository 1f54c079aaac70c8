"""The explorer in a real browser without a network: what it shows, leaves out and does not run."""

import base64
import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from copy import deepcopy
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipelines.outputs.explorer import render

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")

HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)">'
BREAKOUT = "</script><script>window.broken = true</script><!--\u2028"

# Four cities, one without a value in 2014 and one in 2024; made-up figures, short enough to check by eye.
COLUMNS = [
    "territory", "period", "series", "value", "low", "high", "numerator", "denominator", "status", "reason",
    "cert_level", "method", "certificates",
]  # fmt: skip
UNEMPLOYMENT = [
    ["XX", "2014", None, 15.0, None, None, 15, 100, "A", None, 1, None, [0]],
    ["XX", "2024", None, 20.04, None, None, 2004, 10000, "A", None, 1, None, [0]],
    ["XX-1", "2014", None, 10.0, 9.95, 10.05, 10, 100, "A", None, 1, None, [0]],
    ["XX-1", "2024", None, 12.34, 12.29, 12.39, 1234, 10000, "A", None, 1, None, [0]],
    ["XX-2", "2014", None, None, None, None, None, None, "O", "Member Centre has no row in 2014.", 1, None, [0]],
    ["XX-2", "2024", None, Decimal("30.250000"), 30.2, 30.3, 3025, 10000, "A", None, 1, None, [0]],
    ["XX-3", "2014", None, 18.0, 17.95, 18.05, 18, 100, "A", None, 1, None, [0]],
    ["XX-3", "2024", None, None, None, None, 7, 9, "Q", "Fewer than 10 persons.", 1, None, [0]],
    ["XX-4", "2014", None, 22.0, 21.95, 22.05, 22, 100, "A", None, 1, None, [0]],
    ["XX-4", "2024", None, 22.05, 22.0, 22.1, 2205, 10000, "A", None, 1, None, [0]],
]
WATER = [
    ["XX-1", "2024", None, 97.5, None, None, 975, 1000, "A", None, 1, None, [0]],
    ["XX-2", "2024", None, 81.0, None, None, 810, 1000, "A", None, 1, None, [0]],
]


def indicator(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": name, "title": name.capitalize(), "short_title": name.capitalize(), "description": f"About {name}.",
        "unit": "%", "direction": "lower_is_better", "alignment": "exact", "goal": "8", "target": "8.5",
        "sdg_indicator": "8.5.2", "series": {}, "caveats": [], "assumptions": [],
        "formula": "100 × numerator / denominator", "range": [0, 100], "target_value": None, "method_version": 1,
        **changes,
    }  # fmt: skip


def result(criterion: str, title: str, outcome: str, explanation: str) -> dict[str, Any]:
    return {
        "criterion": criterion, "name": "name", "title": title, "dimension": "D1", "outcome": outcome,
        "value": None, "unit": None, "explanation": explanation,
    }  # fmt: skip


PAYLOAD: dict[str, Any] = {
    "title": "City indicators",
    "release_id": "r1",
    "content_sha256": "0" * 64,
    "engine_version": "0.1.0",
    "indicators": [
        indicator("unemployment"),
        indicator("water", alignment="proxy", direction="higher_is_better", caveats=["Not safely managed water."]),
    ],
    "territories": {
        "columns": ["id", "name", "level", "country", "parent"],
        "rows": [
            ["XX", "Exland", "country", "XX", None],
            ["XX-1", "Alpha", "city", "XX", "XX"],
            ["XX-2", "Beta", "city", "XX", "XX"],
            ["XX-3", "Gamma", "city", "XX", "XX"],
            ["XX-4", "Delta", "city", "XX", "XX"],
        ],
    },
    "values": {
        "unemployment": {"columns": COLUMNS, "rows": UNEMPLOYMENT},
        "water": {"columns": COLUMNS, "rows": WATER},
    },
    "certificates": [
        {
            "id": "c1", "source_id": "s1", "level": 1, "level_name": "experimental", "quality_level": 2,
            "assurance_cap": 1, "profile_cap": 3, "caps": ["Assurance not yet given."],
            "results": [
                result("D1.1", "The licence is open", "pass", "CC-BY-4.0 is open."),
                result("D4.3", "Few cells are empty", "fail", "A fifth of the cells is empty."),
                result("D6.1", "Published soon", "not_assessable", "No date of publication."),
            ],
        }
    ],
    "sources": [
        {
            "id": "s1", "title": "Census", "publisher": "Office of Exland", "licence": "CC-BY-4.0",
            "attribution": "Office of Exland, Census", "homepage": "https://office.example/", "reference_date": "2024",
            "vintage_id": "v1", "sha256": "a" * 64, "notes": [], "received": 10, "accepted": 9, "quarantined": 1,
            "out_of_scope": 0, "certificate": 0,
        }
    ],
    "quarantine": {
        "total": 1,
        "rows": [
            {
                "source_id": "s1", "table": "labour", "source_row": 4, "column": "rate", "value": "12 %",
                "rule": "type-error", "message": "Expected a number.", "fix": "Correct the file.",
            }
        ],
    },
    "maps": {
        "XX": {
            "width": 30, "height": 10, "view": [0, 0, 30, 10], "crs": "EPSG:0", "attribution": "Office of Exland",
            "shapes": [["XX-1", "M0 0H10V10H0Z"], ["XX-2", "M10 0H20V10H10Z"], ["XX-3", "M20 0H30V10H20Z"]],
        }
    },
    "files": [{"path": "values.csv", "title": "All values", "bytes": 1234}],
    "query": "SELECT 1",
}  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        quiet = ["--disable-background-networking", "--no-first-run", "--disable-component-update", "--disable-sync"]
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", *quiet])
        yield chromium
        chromium.close()


class Explorer:
    """A page on disk, opened offline, that remembers what it asked for and complained about."""

    def __init__(self, browser: Any, folder: Path, **options: Any) -> None:
        self.folder = folder
        self.context = browser.new_context(offline=True, viewport={"width": 1400, "height": 1000}, **options)
        self.page = self.context.new_page()
        self.page.set_default_timeout(5000)
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None)
        self.page.on("dialog", lambda dialog: (self.complaints.append(dialog.message), dialog.dismiss()))

    def open(self, payload: dict[str, Any], view: str = "") -> Any:
        path = self.folder / "explorer.html"
        path.write_text(render(payload), encoding="utf-8")
        self.page.goto(path.as_uri() + view)
        return self.page


@pytest.fixture
def explorer(browser: Any, tmp_path: Path) -> Iterator[Explorer]:
    explorer = Explorer(browser, tmp_path)
    yield explorer
    external = [url for url in explorer.requests if not url.startswith(("file:", "data:"))]
    explorer.context.close()
    assert external == [], "the page asked the network for something"
    assert explorer.complaints == []


def plot(page: Any) -> list[tuple[str, str]]:
    """Name and figure of each row of the plot, from top to bottom."""
    names = page.locator("#view .plot .row .name").all_text_contents()
    return list(zip(names, page.locator("#view .plot .row .figure").all_text_contents(), strict=True))


def table(page: Any) -> list[list[str]]:
    rows = page.locator("#view table.data tbody tr").all()
    return [row.locator("th, td").all_text_contents() for row in rows]


@needs_browser
@pytest.mark.browser
class TestPage:
    def test_ranking_shows_the_cities_in_order_with_the_country_as_a_line(self, explorer: Explorer) -> None:
        page = explorer.open(PAYLOAD)
        assert plot(page) == [("Beta", "30.3"), ("Delta", "22.1"), ("Alpha", "12.3")]
        assert page.locator("#view .plot .label.country").text_content() == "Exland 20.0%"
        assert page.locator("#view .plot line.interval").count() == 3

    def test_table_has_the_same_figures_as_the_plot(self, explorer: Explorer) -> None:
        page = explorer.open(PAYLOAD)
        assert [(row[0], row[2]) for row in table(page) if row[2] != "–"] == plot(page)

    def test_missing_values_are_listed_with_their_reason_and_not_drawn(self, explorer: Explorer) -> None:
        page = explorer.open(PAYLOAD)
        missing = page.locator("#view .missing").text_content()
        assert "Gamma" in missing
        assert "Fewer than 10 persons." in missing
        assert "Q withheld for confidentiality" in missing
        assert "Gamma" not in dict(plot(page))
        assert {row[0]: row[2] for row in table(page)}["Gamma"] == "–"

    def test_another_indicator_changes_plot_and_table(self, explorer: Explorer) -> None:
        page = explorer.open(PAYLOAD)
        page.get_by_label("Indicator").select_option("water")
        assert plot(page) == [("Alpha", "97.5"), ("Beta", "81.0")]
        assert [(row[0], row[2]) for row in table(page)] == [("Alpha", "97.5"), ("Beta", "81.0")]
        assert "indicator=water" in page.url

    def test_a_proxy_says_so_and_shows_its_caveats(self, explorer: Explorer) -> None:
        page = explorer.open(PAYLOAD, "#indicator=water")
        assert page.locator(".badge.proxy").is_visible()
        assert page.get_by_text("Not safely managed water.").is_visible()

    def test_change_compares_only_what_is_comparable(self, explorer: Explorer) -> None:
        page = explorer.open(PAYLOAD, "#view=change")
        # 12.34 - 10.00 = 2.34, between 12.29 - 10.05 = 2.24 and 12.39 - 9.95 = 2.44; 22.05 - 22.00 = 0.05.
        assert plot(page) == [("Alpha", "+2.3"), ("Delta", "+0.1")]
        assert table(page)[0][:5] == ["Alpha", "10.0", "12.3", "+2.3", "2.24 to 2.44"]
        # 22.00 to 22.10 after 21.95 to 22.05 may be no change at all.
        assert "even" in page.locator("#view .row[data-territory='XX-4']").get_attribute("class")
        left_out = page.locator("#view .missing").text_content()
        assert "2014: Member Centre has no row in 2014." in left_out
        assert "2024: Fewer than 10 persons." in left_out

    def test_a_break_is_no_change(self, explorer: Explorer) -> None:
        payload = deepcopy(PAYLOAD)
        payload["values"]["unemployment"]["rows"][3][8] = "B"
        page = explorer.open(payload, "#view=change")
        assert [name for name, _ in plot(page)] == ["Delta"]
        assert "break in the series" in page.locator("#view .missing").text_content()

    def test_map_colours_values_and_hatches_what_is_missing(self, explorer: Explorer) -> None:
        page = explorer.open(PAYLOAD, "#view=map")
        classes = {
            shape.get_attribute("data-territory"): shape.get_attribute("class")
            for shape in page.locator("#view .shape").all()
        }
        assert "class-none" in classes["XX-3"]
        assert "class-none" not in classes["XX-1"]
        assert classes["XX-1"] != classes["XX-2"]
        assert page.locator(".classes li").all_text_contents()[-1].startswith("no value")
        page.locator("#view .shape[data-territory='XX-2']").hover()
        assert page.locator(".tip").text_content() == "Beta: 30.3%"

    def test_keyboard_alone_reaches_a_value_and_its_certificate(self, explorer: Explorer) -> None:
        page = explorer.open(PAYLOAD)
        page.locator("#tab-ranking").focus()
        for _ in range(10):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.matches('.plot .row')"):
                break
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        assert page.locator("#value h2").text_content() == "Delta, 2024"
        assert page.locator("#view .row[aria-selected=true]").get_attribute("data-territory") == "XX-4"
        page.locator("#tab-ranking").focus()
        page.keyboard.press("ArrowRight")
        assert page.locator("#tab-change").get_attribute("aria-selected") == "true"

    def test_certificate_gives_level_outcomes_reasons_and_source(self, explorer: Explorer) -> None:
        page = explorer.open(PAYLOAD, "#territory=XX-1")
        value = page.locator("#value")
        assert value.locator(".ladder [aria-current=true]").text_content() == "1experimental"
        text = value.text_content()
        for expected in (
            "numerator 1,234 and denominator 10,000", "Assurance not yet given.", "Not met",
            "A fifth of the cells is empty.", "Not assessable", "Office of Exland", "CC-BY-4.0", "a" * 64,
            "10 received = 9 accepted + 1 quarantined; 0 records out of scope",
        ):  # fmt: skip
            assert expected in text

    def test_the_reason_of_a_missing_value_stands_where_the_value_would(self, explorer: Explorer) -> None:
        page = explorer.open(PAYLOAD, "#territory=XX-3")
        assert page.locator("#value .big").first.text_content() == "No value"
        assert page.locator("#value .reason").text_content() == "Fewer than 10 persons."
        assert "Status Q: withheld for confidentiality" in page.locator("#value").text_content()

    def test_table_sorts_and_keeps_missing_values_last(self, explorer: Explorer) -> None:
        page = explorer.open(PAYLOAD)
        value = page.get_by_role("button", name=re.compile("Sort by Value"))
        value.click()
        assert [row[0] for row in table(page)] == ["Beta", "Delta", "Alpha", "Gamma"]
        value.click()
        assert [row[0] for row in table(page)] == ["Alpha", "Delta", "Beta", "Gamma"]
        assert page.locator("#view th[aria-sort=ascending]").count() == 1

    def test_search_goes_to_the_territory(self, explorer: Explorer) -> None:
        page = explorer.open(PAYLOAD)
        field = page.get_by_label("Find a territory")
        field.fill("bet")
        field.press("Enter")
        assert page.locator("#value h2").text_content() == "Beta, 2024"

    def test_a_view_can_be_linked(self, explorer: Explorer) -> None:
        page = explorer.open(PAYLOAD, "#indicator=unemployment&period=2014&order=lowest&territory=XX-1")
        assert plot(page) == [("Alpha", "10.0"), ("Gamma", "18.0"), ("Delta", "22.0")]
        assert page.locator("#value h2").text_content() == "Alpha, 2014"

    def test_an_impossible_link_falls_back(self, explorer: Explorer) -> None:
        page = explorer.open(PAYLOAD, "#indicator=__proto__&country=constructor&view=%3Cscript%3E&territory=toString")
        assert plot(page)[0] == ("Beta", "30.3")

    def test_hostile_text_is_shown_and_not_run(self, explorer: Explorer) -> None:
        payload = deepcopy(PAYLOAD)
        payload["title"] = HOSTILE
        payload["indicators"][0]["title"] = HOSTILE
        payload["indicators"][0]["description"] = BREAKOUT
        payload["territories"]["rows"][1][1] = HOSTILE
        payload["values"]["unemployment"]["rows"][7][9] = BREAKOUT
        payload["certificates"][0]["caps"] = [HOSTILE]
        payload["sources"][0]["title"] = BREAKOUT
        payload["quarantine"]["rows"][0]["value"] = HOSTILE
        payload["query"] = BREAKOUT
        page = explorer.open(payload, "#view=map")
        page.locator("#tab-ranking").click()
        assert page.locator("h1").text_content() == HOSTILE
        assert page.locator("#indicator h2").text_content() == HOSTILE
        assert HOSTILE in [row[0] for row in table(page)]
        assert page.locator("script").count() == 3
        assert page.locator("img").count() == 0
        assert page.evaluate("window.broken") is None

    @pytest.mark.parametrize(
        "address",
        ["javascript:alert(1)", " javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "//evil.example"],
    )
    def test_only_web_addresses_become_links(self, explorer: Explorer, address: str) -> None:
        payload = deepcopy(PAYLOAD)
        payload["sources"][0]["homepage"] = address
        page = explorer.open(payload)
        targets = [a.get_attribute("href") for a in page.locator("main a").all()]
        assert targets == ["values.csv"]

    @pytest.mark.parametrize(
        "path", ["javascript:alert(1)", "../../secret", "/etc/passwd", "//evil.example/x", "a/../../b"]
    )
    def test_files_are_only_those_beside_the_page(self, explorer: Explorer, path: str) -> None:
        payload = deepcopy(PAYLOAD)
        payload["files"] = [{"path": path, "title": "Bad", "bytes": 1}]
        page = explorer.open(payload)
        assert page.locator("#files a").count() == 0
        assert path in page.locator("#files").text_content()

    def test_a_web_address_becomes_a_link(self, explorer: Explorer) -> None:
        page = explorer.open(PAYLOAD)
        assert page.locator("#sources a").get_attribute("href") == "https://office.example/"

    def test_nothing_sticks_out_on_a_small_screen(self, explorer: Explorer) -> None:
        page = explorer.open(PAYLOAD)
        page.set_viewport_size({"width": 375, "height": 800})
        for view in ("ranking", "change", "map"):
            page.locator(f"#tab-{view}").click()
            assert page.evaluate("document.documentElement.scrollWidth") <= 375

    def test_a_release_without_values_says_so(self, explorer: Explorer) -> None:
        payload = {**deepcopy(PAYLOAD), "indicators": [], "values": {}, "maps": {}}
        page = explorer.open(payload)
        assert page.get_by_text("This release holds no values.").is_visible()
        assert page.locator("#sources").is_visible()

    def test_without_scripts_the_first_indicator_can_be_read(self, browser: Any, tmp_path: Path) -> None:
        page = Explorer(browser, tmp_path, java_script_enabled=False).open(PAYLOAD)
        rows = page.locator("noscript tbody tr").all_text_contents()
        assert rows == ["Beta30.3A", "Delta22.1A", "Alpha12.3A"]
        page.context.close()


def test_equal_payloads_give_equal_bytes() -> None:
    assert render(PAYLOAD) == render(deepcopy(PAYLOAD))


def test_policy_allows_exactly_the_scripts_and_styles_of_the_page() -> None:
    page = render(PAYLOAD)
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    assert policy[1].startswith("default-src 'none';")
    assert "unsafe" not in policy[1]
    for tag in ("script", "style"):
        [content] = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy[1]


def test_data_block_is_json_that_cannot_end_its_own_element() -> None:
    payload = {**deepcopy(PAYLOAD), "query": BREAKOUT}
    [block] = re.findall(r'<script type="application/json" id="release">(.*?)</script>', render(payload), re.DOTALL)
    assert json.loads(block)["query"] == BREAKOUT
    assert not set("<>&\u2028\u2029") & set(block)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), Decimal("NaN")])
def test_a_number_that_is_none_is_refused(number: float | Decimal) -> None:
    payload = deepcopy(PAYLOAD)
    payload["values"]["unemployment"]["rows"][1][3] = number
    with pytest.raises(ValueError, match=r"NaN|JSON|finite|integer"):
        render(payload)


def test_a_page_never_asks_for_another_address() -> None:
    page = render({**deepcopy(PAYLOAD), "sources": []})
    assert re.findall(r"(?:src|href|url\()\s*=?\s*['\"]?https?:", page) == []
