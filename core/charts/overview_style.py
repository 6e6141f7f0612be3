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
@container (max-width:620px){.rc-wide td,.rc-wide th{padding-right:.9em}
 .rc-wide th{white-space:normal;vertical-align:bottom}}
.rc-panels+.rc-below{margin-top:.7em}
.rc-cards+.rc-board{margin-top:.6em}
.rc-below{display:flex;flex-direction:column;gap:.5em}
.rc-below details p{margin-top:.5em;max-width:62rem}
.rc-below summary{cursor:pointer;color:light-dark(#0B5CAB,#7FB4FF)}
.rc-note{border-left:4px solid light-dark(#94A3B8,#64748B);border-radius:.2rem;padding:.35em .9em;
 background:light-dark(#F4F6F9,#1A2430);display:flex;flex-wrap:wrap;gap:.15em 1.6em;align-items:baseline}
.rc-note b{font-weight:600}
.rc-note>p{font-size:1.04em!important}
"""

PROJECTOR = """<style>
/* On a phone, which a link may lead to, everything keeps its usual size, and the way out is there. */
@media (max-width:640px){:root .st-key-projector{display:block!important}.rc-brief b{margin-right:.4em}}
@media (min-width:641px){
/* No text below 1.25 % of the picture's width: on a picture two metres wide a capital is 17 mm high, which is ten
 minutes of arc at six metres, twice the limit of normal sight. Where the browser's own bars take height from a picture
 of 16 to 9 all of it shrinks together, to 85 % at the least, so that it still stands on one screen. */
:root{--rc-u:clamp(.85vw,1.778vh,1vw)}
[data-testid="stHeader"],.st-key-month,.st-key-segment,.st-key-since,.st-key-rows_behind,
[data-testid="stLayoutWrapper"]:has(.st-key-rows_behind){display:none!important}
[data-testid="stMainBlockContainer"]{padding:calc(.7*var(--rc-u)) 1.2vw 0!important;max-width:none!important}
[data-testid="stMainBlockContainer"] [data-testid="stVerticalBlock"]{gap:calc(.6*var(--rc-u))}
:root .rc-head{display:flex;flex-wrap:wrap;justify-content:space-between;column-gap:2vw}
:root .rc-head p{font-size:calc(1.27*var(--rc-u));line-height:1.3;margin:0}
:root .rc-head p:last-child{order:-1;padding-right:5.5vw}
:root .rc-head p:first-child{order:-2}
:root .rc-head h1{flex-basis:100%;font-size:calc(2.2*var(--rc-u));line-height:1.15;text-wrap:balance;margin:0}
:root :is(.rc-cards,.rc-board,.rc-pop){font-size:calc(1.27*var(--rc-u));line-height:1.3}
:root .rc-pop h3{font-size:1.1em}
:root .rc-board+.rc-cards{margin-top:.5em}
:root .rc-cards>div{grid-template-columns:repeat(6,minmax(0,1fr));gap:.5em}
:root .rc-card{padding:.35em .5em .4em;gap:0}
:root .rc-card h2{font-size:1em;white-space:nowrap}
:root :is(.rc-card .rc-open,.rc-card .rc-line~.rc-line){display:none}
:root .rc-card .rc-value{font-size:1.8em}
:root .rc-card .rc-foot{padding-top:.1em}
:root .rc-trend{height:2em;padding:.3em .35em .3em .1em}
:root .rc-panels{grid-template-columns:minmax(0,1.45fr) minmax(0,1fr) minmax(0,1fr);gap:.5em}
:root .rc-panels:has(>:nth-child(2):last-child){grid-template-columns:minmax(0,1.45fr) minmax(0,1fr)}
:root .rc-panels:has(>:only-child){grid-template-columns:minmax(0,1fr)}
:root .rc-panels>:first-child{grid-column:auto}
/* The segments begin below the picture: a title alone at its lower edge would look cut. */
:root .rc-panels+.rc-below{margin-top:30vh}
:root .rc-panel{padding:.45em .7em;gap:.2em}
:root .rc-panel h2{font-size:1.1em}
:root .rc-panel .rc-said{font-size:1em;padding:0}
:root .rc-bars{gap:.14em .6em}
:root .rc-bars .rc-lane{height:1.2em}
:root .rc-bars>:is(.rc-open,span){font-size:1em;color:inherit}
:root .rc-brief{gap:.1em 1.2em;padding:.3em .7em}
:root .rc-brief>.rc-open{display:flex;gap:.5em;color:inherit;white-space:nowrap;max-width:100%}
:root .rc-brief>.rc-open>*{overflow:hidden;text-overflow:ellipsis}
.st-key-projector{position:fixed!important;right:1vw;top:.4vw;width:auto!important;opacity:.55;z-index:9}
}
</style>"""
