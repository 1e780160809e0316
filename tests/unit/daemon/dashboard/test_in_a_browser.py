"""The page in a real Chromium: looked at, typed into, attacked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from gitopsd.daemon.dashboard.events import Hub, Pace
from gitopsd.daemon.settings import Dashboard
from tests.scenarios.operating import eventually
from tests.unit import build
from tests.unit.alerts.hours import drift
from tests.unit.daemon.dashboard.chromium import PROGRAM, Browser, Page, browser
from tests.unit.daemon.dashboard.stage import PROBLEM, Stage, hostile, served, shop, with_pace
from tests.unit.daemon.dashboard.test_told import report
from tests.unit.drift.test_shadowing import rival

pytestmark = [
    pytest.mark.skipif(not PROGRAM, reason="there is no Chromium on this machine"),
    pytest.mark.timeout(600),
]
ROWS = "[...document.querySelectorAll('tr[data-index]')]"
NAMES = f"{ROWS}.map(row => row.querySelector('a').textContent)"
CAKE = report("cake", evidence=(drift("cake"),))
FOCUS = "document.activeElement.textContent.trim()"


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("profile")) as running:
        yield running


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = Stage(problems=(PROBLEM,))
    made.passed(*shop(), reports=[CAKE])
    with served(made) as running:
        yield running


def opened(chromium: Browser, stage: Stage, way: str = "", width: int = 1280,
           scheme: str = "light") -> Page:  # fmt: skip
    page = chromium.page(width, 844, scheme)
    page.open(f"http://{stage.address}/ui/{way}")
    page.wait("document.querySelector('main > *') !== null")
    page.wait("document.getElementById('connection').className === 'live'")
    return page


def names(page: Page) -> list[str]:
    found: list[str] = page.ask(NAMES)
    return found


def test_the_list_is_shown_searched_filtered_and_sorted(chromium: Browser, stage: Stage) -> None:
    page = opened(chromium, stage)
    assert names(page)[0] == "shop/cake", "what needs a person comes first"
    page.press("/", text="/")
    page.type("203.0 CAKE")
    page.wait(f"{NAMES}.join() === 'shop/cake'")
    page.press("Escape")
    page.wait(f"{NAMES}.length === 5")
    page.ask("document.querySelector('button[data-state=\"in sync\"]').click()")
    page.wait(f"{NAMES}.length === 3")
    assert page.ask("location.hash") == "#/?state=in+sync"
    page.ask("document.querySelector('button[aria-pressed=true]').click()")
    page.ask("document.querySelector('button[data-sort=name]').click()")
    assert names(page)[0] == "shop/cake"
    page.ask("document.querySelector('button[data-sort=name]').click()")
    assert names(page)[0] == "shop/warehouse"
    assert page.complaints == []


def test_one_exposure_shows_its_traffic_differences_and_reasons(
    chromium: Browser, stage: Stage
) -> None:
    page = opened(chromium, stage, "#/thing/acme/edge/Exposure/shop/cake")
    page.wait("document.querySelector('svg.wide text') !== null")
    text = page.text
    for told in ("Where the traffic goes", "Cluster", "Local", "by kubectl-edit",
                 "shop/tea.yaml:7:3", "GR0201", "spec.ports[0].port"):  # fmt: skip
        assert told in text
    assert page.ask("document.querySelector('svg.wide').getBoundingClientRect().height") > 40
    assert page.complaints == []


def test_the_drawing_of_stolen_traffic_leaves_the_thiefs_name_readable(chromium: Browser) -> None:
    """The mark at the edge of a box is a mark: no rule of the page's own makes it wider."""
    menu = build.ingress()
    made = Stage()
    made.passed(build.wanted(menu), build.found(build.live(menu), neighbours=(rival(),)))
    with served(made) as stage:
        (way,) = opened(chromium, stage).ask(f"{ROWS}.map(row => row.querySelector('a').hash)")
        page = opened(chromium, stage, way)
        page.wait("document.querySelector('svg.wide rect.edge') !== null")
        told = page.ask("document.querySelector('.thing dl').textContent")
        assert "Waits for a personyes what drifted is left to a person" in told
        assert "there is nothing to do" not in told
        assert "Ingress/other/aaa" in page.ask("document.querySelector('svg.wide').textContent")
        edges = "[...document.querySelectorAll('svg.wide rect.edge')]"
        assert page.ask(f"new Set({edges}.map(one => one.getBBox().width)).size") == 1
        assert page.ask(f"{edges}[0].getBBox().width") == 3
        assert page.ask(f"{edges}[0].getBBox().height") > 20


def test_every_page_is_reached_by_the_keyboard_alone(chromium: Browser, stage: Stage) -> None:
    page = opened(chromium, stage)
    page.press("Tab")
    seen = []
    for _ in range(40):
        seen.append(page.ask(FOCUS))
        outline = page.ask("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", seen[-1]
        page.press("Tab")
        if page.ask(f"{ROWS}.some(row => row.contains(document.activeElement))"):
            break
    assert "gitopsd" in seen
    assert page.ask("document.activeElement.tabIndex") == 0
    assert page.ask(f"{ROWS}.filter(row => row.querySelector('a').tabIndex === 0).length") == 1
    page.press("ArrowDown")
    page.wait(f"{FOCUS} === 'shop/milk'")
    page.press("End")
    page.wait(f"{FOCUS} === 'shop/warehouse'")
    page.press("Home")
    page.wait(f"{FOCUS} === 'shop/cake'")
    page.press("Enter")
    page.wait("document.querySelector('.thing h1')?.textContent.endsWith('shop/cake')")
    assert page.ask("document.activeElement.id") == "content"
    page.ask("history.back()")
    page.wait(f"{FOCUS} === 'shop/cake'")
    page.press("End")
    page.wait(f"{FOCUS} === 'shop/warehouse'")
    page.press("Enter")
    page.wait("document.querySelector('.thing h1')?.textContent.endsWith('shop/warehouse')")
    page.ask("document.querySelector('a.back').click()")
    page.wait(f"{FOCUS} === 'shop/warehouse'")


def test_the_skip_link_is_first_and_leads_to_the_content(chromium: Browser, stage: Stage) -> None:
    page = opened(chromium, stage, "#/passes")
    page.press("Tab")
    assert page.ask("document.activeElement.id") == "skip"
    page.press("Enter")
    page.wait("document.activeElement.id === 'content'")


def test_what_a_pass_finds_appears_by_itself_and_is_announced(
    chromium: Browser, stage: Stage
) -> None:
    page = opened(chromium, stage)
    page.ask("document.querySelector('tr[data-index=\"1\"] a').focus()")
    desired, observed = shop()
    objects = {key: live for key, live in observed.objects.items() if key.name != "tea"}
    stage.passed(desired, type(observed)(**{**fields(observed), "objects": objects}))
    page.wait("document.getElementById('announce').textContent.includes('2 to apply')")
    assert names(page)[:3] == ["shop/cake", "shop/milk", "shop/tea"]
    assert page.ask(f"{ROWS}.some(row => row.contains(document.activeElement))"), "focus stays"


def test_a_pass_without_news_leaves_what_is_read_alone(chromium: Browser, stage: Stage) -> None:
    page = opened(chromium, stage, "#/thing/acme/edge/Exposure/shop/cake")
    page.wait("document.querySelector('.thing summary') !== null")
    page.ask("document.querySelector('.thing').id = 'the-same'")
    stage.now += timedelta(seconds=90)
    stage.passed(*shop(), reports=[CAKE])
    page.wait("document.querySelector('.thing time').dateTime === '2026-11-22T10:01:30Z'")
    assert page.ask("document.querySelector('.thing').id") == "the-same"


def fields(value: object) -> dict[str, object]:
    return {name: getattr(value, name) for name in value.__slots__}  # type: ignore[attr-defined]


def test_no_name_or_value_becomes_markup(chromium: Browser) -> None:
    made = Stage()
    made.passed(*hostile())
    with served(made) as stage:
        page = opened(chromium, stage)
        ways = ["", *page.ask(f"{ROWS}.map(row => row.querySelector('a').getAttribute('href'))")]
        for way in [*ways, "#/plans", "#/reports", "#/passes", "#/problems", "#/<img src=x>"]:
            page.ask(f"location.hash = {json.dumps(way)}")
            page.wait("document.querySelector('main > *') !== null")
            page.wait("document.querySelector('.thing') !== null" if "thing" in way else "true")
            assert page.ask("document.querySelectorAll('img, main script, iframe').length") == 0
            assert page.ask("document.querySelectorAll('[onerror], [onload]').length") == 0
            assert "\u202e" not in page.ask("document.title + document.body.textContent")
        assert page.complaints == []
        assert [url for url in page.requested if f"//{stage.address}/" not in url] == []


def test_a_script_that_got_in_would_not_run(chromium: Browser, stage: Stage) -> None:
    page = opened(chromium, stage)
    page.ask(
        "(() => { const put = (name, key, value) => { const one = document.createElement(name);"
        "try { one[key] = value } catch {} try { one.setAttribute(key, value) } catch {}"
        "document.body.append(one); return one };"
        "put('script', 'text', 'window.ran = 1'); put('script', 'src', 'data:,window.ran=2');"
        "put('img', 'onerror', 'window.ran = 3').src = 'data:x';"
        "put('iframe', 'srcdoc', '<script>parent.ran = 4</script>');"
        "put('div', 'innerHTML', '<img src=x onerror=\"ran=5\">') })()"
    )
    page.wait("new Promise(done => setTimeout(() => done(true), 50))")
    assert page.ask("window.ran === undefined")
    eventually(lambda: bool(page.complaints))  # the policy has said so


@pytest.mark.parametrize("way", ["", "#/thing/acme/edge/Exposure/shop/cake", "#/plans",
                                 "#/reports", "#/passes", "#/problems"])  # fmt: skip
def test_on_a_phone_nothing_is_wider_than_the_screen(
    chromium: Browser, stage: Stage, way: str
) -> None:
    page = opened(chromium, stage, way, width=360)
    page.ask("document.querySelectorAll('details').forEach(one => { one.open = true })")
    if way == "#/reports":
        assert "What you can do" in page.text
        assert "gitopsd drift accept Exposure/shop/cake --target edge" in page.text
    assert page.ask("document.documentElement.scrollWidth") <= 360
    assert page.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_stand_out_from_their_ground(chromium: Browser, stage: Stage, scheme: str) -> None:
    page = opened(chromium, stage, scheme=scheme)
    low = page.ask(_CONTRAST)
    assert low == []
    ground = page.ask("getComputedStyle(document.body).backgroundColor")
    assert ground == {"light": "rgb(255, 255, 255)", "dark": "rgb(21, 24, 28)"}[scheme]


#: Texts whose contrast to the first ground behind them is under 4.5 : 1 (WCAG 2.2, 1.4.3).
_CONTRAST = """(() => {
  const rgb = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const ground = node => { for (; node; node = node.parentElement) {
    const found = rgb(getComputedStyle(node).backgroundColor);
    if (found.length < 4 || found[3] > 0) return found; } return [255, 255, 255]; };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const low = [];
  while (texts.nextNode()) {
    const node = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !node.checkVisibility()) continue;
    const [a, b] = [light(rgb(getComputedStyle(node).color)), light(ground(node))].sort();
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) low.push(texts.currentNode.data + ' ' + ratio.toFixed(2));
  }
  return low;
})()"""


def test_a_token_is_asked_for_and_kept_out_of_addresses(
    chromium: Browser, stage: Stage, tmp_path: Path
) -> None:
    token = "a-token-of-thirty-characters-12"
    (tmp_path / "token").write_text(token)
    stage.settings = Dashboard(token_file=str(tmp_path / "token"))
    page = chromium.page()
    page.open(f"http://{stage.address}/ui/")
    page.wait("document.activeElement.id === 'token'")
    page.type("wrong")
    page.press("Enter")
    page.wait("document.querySelector('[role=alert]') !== null")
    page.wait("document.activeElement.id === 'token'")
    page.type(token)
    page.press("Enter")
    page.wait(f"{NAMES}.length === 5")
    page.wait("document.getElementById('connection').className === 'live'")
    assert not any(token in url for url in page.requested)
    assert token not in page.ask("document.documentElement.outerHTML")


def test_the_page_speaks_chinese(chromium: Browser, stage: Stage) -> None:
    page = opened(chromium, stage, "#/thing/acme/edge/Exposure/shop/cake")
    page.ask(
        "(() => { const one = document.getElementById('language'); one.value = 'zh';"
        "one.dispatchEvent(new Event('change')) })()"
    )
    page.wait("document.body.innerText.includes('流量去向')")
    page.wait("document.querySelector('svg.wide').textContent.includes('集群 Pod')")
    assert page.ask("document.documentElement.lang") == "zh-CN"


def test_where_no_more_may_listen_the_page_asks_now_and_then(chromium: Browser) -> None:
    made = with_pace(Pace(listeners=0))
    made.passed(*shop())
    with served(made) as stage:
        page = chromium.page()
        page.open(f"http://{stage.address}/ui/")
        page.wait("document.getElementById('connection').className === 'polling'")
        desired, observed = shop()
        stage.passed(desired, type(observed)(**{**fields(observed), "objects": {}}))
        page.wait("document.getElementById('announce').textContent.includes('4 to apply')")


def test_an_operator_that_is_away_is_told_and_found_again(chromium: Browser) -> None:
    made = Stage()
    made.passed(*shop())
    with served(made) as stage:
        page = opened(chromium, stage)
    page.wait("document.getElementById('connection').className === 'offline'")
    assert len(names(page)) == 5, "what was known stays"
    made.app.hub = Hub()
    with served(made, made.address):
        page.wait("document.getElementById('connection').className === 'live'")


def test_ten_thousand_rows_are_searched_as_fast_as_one_types(chromium: Browser) -> None:
    made = Stage()
    made.fill(10_000)
    with served(made) as stage:
        page = opened(chromium, stage)
        assert "10,000" in page.ask("document.querySelector('.status').textContent")
        page.ask("document.getElementById('search').focus()")
        page.type("team-00 drifted")
        page.wait("document.querySelector('.status').textContent === '100 of 10,000 shown'")
        assert page.ask(f"{ROWS}.length") < 60, "only what can be seen stands on the page"
        spent = page.ask("performance.getEntriesByName('gitopsd.search').map(e => e.duration)")
        assert len(spent) == len("team-00 drifted")
        page.press("Escape")
        page.ask("document.querySelector('tr[data-index] a').focus()")
        page.press("End")
        page.wait("document.activeElement.closest('tr')?.dataset.index === '9999'")
        shown = "document.activeElement.getBoundingClientRect().bottom <= innerHeight"
        assert page.ask(shown)
        assert page.complaints == []
