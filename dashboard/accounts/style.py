"""The look of accounts, challenges and of the room a trade has. Part of the one style sheet."""

from __future__ import annotations

from typing import Final

RULES: Final = """
.acc{display:grid;grid-template-columns:1.1fr 1.1fr .9fr .7fr 1.35fr 1.7fr 1fr 1fr;gap:0 .9rem;align-items:baseline;
 font-size:.86rem;width:100%}
.acc.head{font-size:.74rem;color:var(--muted);border-bottom:1px solid var(--border);padding:0 .6rem .2rem 12.6rem;
 box-sizing:border-box}
.acc>div{min-width:0;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}.acc .num{text-align:right}
.acc i{display:none;font-style:normal;color:var(--muted);font-size:.72rem}
[class*=st-key-account_row_]{display:grid!important;grid-template-columns:11.4rem minmax(0,1fr);align-items:center;
 gap:0 .6rem!important;border-bottom:1px solid var(--border);padding:.1rem .6rem;border-left:2px solid transparent}
[class*=st-key-account_row_on_]{background:var(--panel);border-left-color:var(--accent)}
[class*=st-key-account_row_]>*{width:100%!important;min-width:0}
[class*=st-key-account_row_] button{min-height:0;padding:.25rem 0;justify-content:flex-start}
[class*=st-key-account_row_] button>div{justify-content:flex-start}
[class*=st-key-account_row_] button p{text-align:left;font-weight:600;white-space:nowrap;overflow:hidden;
 text-overflow:ellipsis}
.st-key-account_list{gap:0!important}
dl.gauges{display:grid;grid-template-columns:repeat(auto-fit,minmax(10.4rem,1fr));gap:1px;margin:0;padding:0;
 background:var(--panel);border:1px solid var(--border);border-radius:4px;overflow:hidden}
.gauges>div{box-shadow:0 0 0 1px var(--border);padding:.45rem .7rem .5rem;min-width:0}
.gauges dt{font-size:.74rem;color:var(--muted);font-weight:400;margin:0}
.gauges dd{font-size:1.12rem;font-weight:600;margin:0;line-height:1.35;white-space:nowrap;overflow:hidden;
 text-overflow:ellipsis}
.gauges small{font-size:.73rem;color:var(--muted);display:block;line-height:1.3;margin-top:.22rem}
.bar{height:5px;background:var(--raised);border-radius:3px;overflow:hidden;display:block;margin-top:.15rem}
.bar span{display:block;height:100%;background:var(--accent)}
.bar .up{background:var(--up)}.bar .warning{background:var(--warning)}.bar .down{background:var(--down)}
.waits{display:grid;gap:.15rem;font-size:.86rem}
.waits>div{display:grid;grid-template-columns:1.1rem minmax(0,1fr);gap:.3rem;padding:.12rem 0}
.waits b{font-weight:600}.breach{border-left:3px solid var(--down);padding:.3rem .7rem;background:var(--panel);
 font-size:.88rem;border-radius:0 4px 4px 0}.breach.warning{border-left-color:var(--warning)}
.breach b{font-weight:600}
.roomstrip{display:flex;flex-wrap:wrap;gap:.15rem 1.4rem;align-items:center;border:1px solid var(--border);
 border-radius:4px;background:var(--panel);padding:.35rem .75rem;font-size:.84rem}
.st-key-room_strip{flex-wrap:nowrap!important}.st-key-room_strip>:first-child{flex:1 1 auto;min-width:0}
.roomstrip .cell{display:flex;gap:.45rem;align-items:center;white-space:nowrap}
.roomstrip .cell>span:first-child{color:var(--muted);font-size:.76rem}.roomstrip .bar{width:5rem;margin:0}
.roomstrip b{font-weight:600}
table.rules td{font-size:.82rem}table.rules td:first-child{white-space:nowrap;font-weight:600}
table.rules a{color:var(--accent);text-decoration:none}
table.room td{padding:.16rem .5rem .16rem 0}table.room td:last-child{white-space:nowrap}
details.more>summary{cursor:pointer;font-size:.82rem;color:var(--muted);padding:.2rem 0}
.st-key-account_fields{display:grid!important;gap:.5rem .7rem!important;
 grid-template-columns:repeat(4,minmax(0,1fr))}.st-key-account_fields>*{width:100%!important;min-width:0}
table.cash th:nth-child(4),table.cash td:nth-child(4){padding-left:1.2rem}
[class*=st-key-rulegroup_]{display:grid!important;gap:.3rem .6rem!important;align-items:end;
 grid-template-columns:9.5rem repeat(6,minmax(0,11rem));border-bottom:1px solid var(--border);
 padding-bottom:.4rem}
[class*=st-key-rulegroup_]>*{width:100%!important;min-width:0}
.st-key-challenge_head,.st-key-account_head{gap:.5rem!important}
@media(max-width:1100px){.acc{grid-template-columns:repeat(4,minmax(0,1fr));gap:.1rem .7rem}.acc.head{display:none}
 .acc i{display:block}.acc .num{text-align:left}}
@media(max-width:640px){
 .acc{grid-template-columns:1fr 1fr}
 [class*=st-key-account_row_off_] .acc>div:not(.brief){display:none}
 [class*=st-key-account_row_]{grid-template-columns:1fr;padding:.3rem .5rem}
 dl.gauges{grid-template-columns:1fr 1fr}.gauges dd{font-size:1rem}
 [class*=st-key-rulegroup_]{grid-template-columns:1fr 1fr}[class*=st-key-rulegroup_]>:first-child{grid-column:1/-1}
 .st-key-account_fields{grid-template-columns:1fr 1fr}.st-key-room_strip{flex-wrap:wrap!important}
 .acc>div{white-space:normal}
 .roomstrip{gap:.2rem .9rem}.roomstrip .bar{width:3rem}
 table.rules td:first-child{white-space:normal}
}
"""
