"""Style of the Overview's pieces of HTML; sizes in em of the piece, so that one number enlarges all of it."""

from __future__ import annotations

STYLE = """
.rc-board{container-type:inline-size;font-variant-numeric:tabular-nums;line-height:1.35;font-size:.82rem}
.rc-board p,.rc-board h2{margin:0;padding:0;font-size:1em}
.rc-board h2{font-size:1.2em;line-height:1.25;font-weight:600;text-wrap:pretty}
.rc-board a{color:light-dark(#0B5CAB,#7FB4FF)}
.rc-soft{color:light-dark(#475569,#B4C0CE)}
.rc-panels{display:grid;grid-template-columns:minmax(0,1.25fr) minmax(0,1fr) minmax(0,1fr);gap:.7em}
.rc-panels:has(>:nth-child(2):last-child){grid-template-columns:minmax(0,1.25fr) minmax(0,1fr)}
.rc-panels:has(>:only-child){grid-template-columns:minmax(0,1fr)}
@container (max-width:1000px){.rc-panels{grid-template-columns:minmax(0,1fr) minmax(0,1fr)}
 .rc-panels>:first-child{grid-column:1/-1}}
@container (max-width:620px){.rc-panels,.rc-panels:has(>:nth-child(2):last-child){grid-template-columns:minmax(0,1fr)}}
.rc-panel{border:1px solid light-dark(#CBD5E1,#334155);border-radius:.4rem;padding:.8em 1em;min-width:0;
 display:flex;flex-direction:column;gap:.45em}
.rc-panel .rc-said{padding-top:.2em;font-size:1.06em}
.rc-bars{flex:1;align-content:space-evenly;display:grid;
 grid-template-columns:max-content minmax(3em,1fr) max-content;gap:.28em .6em;align-items:center}
.rc-bars>.rc-open,.rc-bars>span{font-size:1.04em}
.rc-bars .rc-lane{position:relative;height:1.35em;background:
 linear-gradient(light-dark(#94A3B8,#64748B),light-dark(#94A3B8,#64748B)) var(--zero,0%) 0/1px 100% no-repeat}
.rc-lane i{position:absolute;top:.12em;bottom:.12em;min-width:3px;border-radius:1px}
.rc-level{background:light-dark(#353F4A,#D5DCE4)}.rc-up{background:light-dark(#2376B5,#7CC4F0)}
.rc-down{background:light-dark(#C8321F,#F0694F)}
.rc-open-kind{background:repeating-linear-gradient(135deg,light-dark(#7F8C9D,#8B98A9) 0 3px,transparent 3px 6px);
 box-shadow:inset 0 0 0 1px light-dark(#7F8C9D,#8B98A9)}
.rc-amount{text-align:right}
.rc-list{width:100%;border-collapse:collapse;margin-top:.5rem}
.rc-list td,.rc-list th{padding:.2rem .6rem .2rem 0;text-align:left;font-weight:400;
 border-bottom:1px solid light-dark(#E2E8F0,#2A3644)}
.rc-list .rc-amount{text-align:right;white-space:nowrap}
.rc-wide{overflow-x:auto}
.rc-wide table{width:100%;border-collapse:collapse}
.rc-wide th{font-weight:600;color:light-dark(#475569,#B4C0CE)}
.rc-wide td,.rc-wide th{padding:.35em 1.8em .35em 0;text-align:left;white-space:nowrap;
 border-bottom:1px solid light-dark(#E2E8F0,#2A3644)}
.rc-wide .rc-amount{text-align:right}
.rc-panels+.rc-below{margin-top:.7em}
.rc-below{display:flex;flex-direction:column;gap:.5em}
.rc-below details p{margin-top:.5em;max-width:62rem}
.rc-below summary{cursor:pointer;color:light-dark(#0B5CAB,#7FB4FF)}
.rc-note{border-left:4px solid light-dark(#94A3B8,#64748B);border-radius:.2rem;padding:.35em .9em;
 background:light-dark(#F4F6F9,#1A2430);display:flex;flex-wrap:wrap;gap:.15em 1.6em;align-items:baseline}
.rc-note b{font-weight:600}
.rc-note>p{font-size:1.04em!important}
"""

PROJECTOR = """<style>
/* No text below 1.25 % of the picture's width: on a picture two metres wide a capital is 17 mm high, which is ten
 minutes of arc at six metres, twice the limit of normal sight. */
[data-testid="stHeader"],.st-key-month,.st-key-segment,.st-key-since,.st-key-rows_behind{display:none!important}
[data-testid="stMainBlockContainer"]{padding:1.2vw 1.6vw 0!important;max-width:none!important}
[data-testid="stMainBlockContainer"] [data-testid="stVerticalBlock"]{gap:.8vw}
.rc-head h1{font-size:2.5vw!important;line-height:1.15!important;padding-right:5vw!important}
.rc-head p{font-size:1.3vw!important}
.rc-cards,.rc-board{font-size:1.27vw!important}
.rc-card{padding:.5em .7em}.rc-card h2{font-size:1em}
.rc-card .rc-open,.rc-card .rc-line~.rc-line,.rc-head p:first-child{display:none!important}
.rc-trend{height:2.2em}
.rc-panel{padding:.55em .8em;gap:.3em}.rc-panel .rc-said{font-size:1em}.rc-bars>.rc-open{color:inherit}
.st-key-projector{position:fixed!important;right:1vw;top:.6vw;width:auto!important;opacity:.55;z-index:9}
</style>"""
