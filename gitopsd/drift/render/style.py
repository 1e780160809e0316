"""The style sheets: colours for light and dark, the drawing, the page. No `<` and no `&` in them.

Contrast of text on its ground is at least 4.5 : 1 in both schemes (WCAG 2.2, 1.4.3). The accent is
an orange and never the only sign: moved things also carry an arrow, a word or a bar.
"""

from __future__ import annotations

PALETTE = """
:root{--ground:#fff;--raised:#f6f7f8;--ink:#1b1f24;--quiet:#5a6472;--rule:#dde1e6;
--flow:#8fa3b8;--accent:#a84300;--tint:#fff4ea;--good:#1f6f4a;--code:#f1f3f5}
@media(prefers-color-scheme:dark){:root{--ground:#15181c;--raised:#1c2026;--ink:#e6e9ed;
--quiet:#9aa5b3;--rule:#333a43;--flow:#64788e;--accent:#ffa05c;--tint:#2b2119;--good:#6fcf9f;
--code:#22272e}}
@media print{:root{--ground:#fff;--raised:#fff;--ink:#000;--quiet:#444;--rule:#bbb;--flow:#888;
--accent:#8a3600;--tint:#fff;--good:#1f6f4a;--code:#fff}}
"""

_SANS = (
    'system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","PingFang SC",'
    '"Microsoft YaHei","Noto Sans CJK SC","Noto Sans SC",sans-serif'
)
_MONO = 'ui-monospace,"SF Mono",SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace'

DRAWING = f"""
svg.route{{display:block;font:12px {_SANS}}}
svg.route text{{fill:var(--ink)}}
svg.route .name{{font:600 12px {_MONO}}}
svg.route .name.end{{font-weight:400;fill:var(--quiet)}}
svg.route .server,svg.route .share{{font:12px {_MONO}}}
svg.route .quiet{{font:12px {_SANS};fill:var(--quiet)}}
svg.route .place{{font:600 11px {_SANS};fill:var(--quiet)}}
svg.route .warn,svg.route .server.end,svg.route .share.moved{{fill:var(--accent);font-weight:600}}
svg.route .box{{fill:var(--raised);stroke:var(--rule)}}
svg.route .box.moved{{fill:var(--tint);stroke:var(--accent)}}
svg.route .box.gone{{fill:none;stroke:var(--accent);stroke-dasharray:4 3}}
svg.route .edge{{fill:var(--accent)}}
svg.route .flow{{fill:none;stroke:var(--flow)}}
svg.route .flow.moved{{stroke:var(--accent);opacity:.75}}
svg.route .flow.none{{stroke-dasharray:3 4}}
"""

PAGE = f"""
*{{box-sizing:border-box}}
html{{color-scheme:light dark;-webkit-text-size-adjust:100%}}
body{{margin:0;background:var(--ground);color:var(--ink);font:16px/1.55 {_SANS}}}
main,header,footer{{max-width:61rem;margin:0 auto;padding:0 1.5rem}}
header{{padding-top:3rem;padding-bottom:1.5rem}}
.kicker,.facts,footer{{color:var(--quiet);font-size:.875rem}}
.kicker{{margin:0 0 .35rem;letter-spacing:.02em}}
h1{{font-size:1.9rem;line-height:1.2;font-weight:650;letter-spacing:-.015em;margin:0 0 .5rem;
text-wrap:balance}}
:lang(zh) h1{{letter-spacing:0;text-wrap:wrap}}
h2{{font-size:1.2rem;line-height:1.35;font-weight:650;margin:0;overflow-wrap:anywhere}}
h3{{font-size:.875rem;font-weight:650;margin:1.6rem 0 .4rem}}
p{{margin:.35rem 0}}
.facts{{margin:.5rem 0 0;display:flex;flex-wrap:wrap;gap:.15rem 1.25rem}}
ul.tally{{list-style:none;margin:1.5rem 0 0;padding:.9rem 0;display:flex;flex-wrap:wrap;
gap:.5rem 2.25rem;border:solid var(--rule);border-width:1px 0}}
.tally b{{font-size:1.35rem;font-weight:650;margin-right:.4rem;font-variant-numeric:tabular-nums}}
.tally .drifted b,.tally .unknown b{{color:var(--accent)}}
.tally .none,.tally .none b{{color:var(--quiet);font-weight:400}}
.notice{{border-left:3px solid var(--accent);background:var(--tint);padding:.75rem 1rem;
margin:1.25rem 0 0}}
nav ol{{margin:.25rem 0 0;padding-left:1.25rem}}
nav{{font-size:.9375rem;margin-bottom:1rem}}
a{{color:inherit;text-decoration-color:var(--quiet);text-underline-offset:.15em}}
a:focus-visible,summary:focus-visible,.scroll:focus-visible{{outline:2px solid var(--accent);
outline-offset:3px;border-radius:3px}}
article{{padding:2.25rem 0 2.5rem;border-top:1px solid var(--rule)}}
article:first-of-type{{border-top:0}}
.head{{display:flex;flex-wrap:wrap;gap:.25rem .75rem;align-items:baseline}}
.kind{{color:var(--quiet);font-weight:400}}
.chip{{font-size:.8125rem;font-weight:600;border:1px solid;border-radius:1rem;padding:.05rem .6rem;
white-space:nowrap}}
.chip.drifted,.chip.unknown{{color:var(--accent)}}
.chip.changed{{color:var(--quiet)}}
.lead{{font-size:1.0625rem;margin:.6rem 0 0;max-width:46rem;overflow-wrap:anywhere}}
.why{{color:var(--quiet);max-width:46rem}}
figure{{margin:1.5rem 0 0}}
svg.narrow{{display:none}}
dl{{display:grid;grid-template-columns:minmax(8rem,max-content) 1fr;gap:.3rem 1.5rem;
margin:1.5rem 0 0;font-size:.9375rem}}
dt{{color:var(--quiet)}}
dd{{margin:0;overflow-wrap:anywhere}}
.scroll{{overflow-x:auto;margin-top:1.5rem}}
table{{border-collapse:collapse;width:100%;font-size:.875rem}}
th{{text-align:left;font-weight:600;color:var(--quiet);white-space:nowrap}}
th,td{{padding:.45rem 1rem .45rem 0;border-bottom:1px solid var(--rule);vertical-align:top}}
td{{overflow-wrap:anywhere}}
td:first-child{{min-width:13rem}}
code{{font:.8125rem/1.5 {_MONO}}}
td small{{display:block;color:var(--quiet);font-size:.8125rem}}
td.found code{{color:var(--accent);font-weight:600}}
.do{{list-style:none;margin:0;padding:0;display:grid;gap:.6rem}}
.do code{{display:block;background:var(--code);border-radius:6px;padding:.45rem .75rem;
margin-top:.2rem;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere;user-select:all}}
details{{border-top:1px solid var(--rule);padding:1rem 0}}
summary{{cursor:pointer;font-weight:600}}
details ul{{margin:.5rem 0 0;padding-left:1.25rem;columns:18rem;font-size:.9375rem}}
footer{{padding-top:1rem;padding-bottom:3rem}}
@media(max-width:44rem){{main,header,footer{{padding-left:1rem;padding-right:1rem}}
header{{padding-top:1.75rem}}h1{{font-size:1.5rem}}svg.wide{{display:none}}
svg.narrow{{display:block}}dl{{grid-template-columns:1fr;gap:0}}dd{{margin-bottom:.6rem}}
table,tbody,tr,td{{display:block}}thead{{position:absolute;clip-path:inset(50%);height:1px;
width:1px;overflow:hidden}}td{{border:0;padding:.1rem 0}}tr{{border-bottom:1px solid var(--rule);
padding:.6rem 0;display:block}}td[data-name]::before{{content:attr(data-name);color:var(--quiet);
display:inline-block;min-width:7rem;font-size:.8125rem}}}}
@media print{{body{{font-size:11pt}}article{{break-inside:avoid-page}}a{{text-decoration:none}}
.do code{{border:1px solid var(--rule)}}}}
"""
