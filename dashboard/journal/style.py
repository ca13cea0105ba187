"""The Journal's own look: filters in one row, lists of figures, the calendar, a trade's page. Static text."""

from __future__ import annotations

from typing import Final

RULES: Final = """
.st-key-journal_filters{display:grid!important;gap:.4rem!important;max-width:none;
 grid-template-columns:repeat(10,minmax(0,1fr))}
.st-key-journal_bar{row-gap:.4rem!important}
.st-key-journal_filters button,.st-key-journal_bar button{white-space:nowrap}
[class*=st-key-open_] button p,.st-key-trade_actions button p{white-space:nowrap}
.lists{display:grid;grid-template-columns:repeat(auto-fit,minmax(17.5rem,1fr));gap:.6rem}
.lists>div{border:1px solid var(--border);border-radius:4px;background:var(--panel);padding:.4rem .7rem .5rem}
.lists h3{font-size:.78rem;font-weight:600;color:var(--muted);margin:0 0 .2rem;padding:0}
.lists dl{margin:0;padding:0;font-size:.86rem}
.lists dl>div{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:0 .6rem;padding:.1rem 0;
 border-top:1px solid var(--border);align-items:baseline}
.lists dl>div:first-child{border-top:none}
.lists dt{color:var(--muted);font-weight:400;margin:0}.lists dt[title]{cursor:help}
.lists dt[title]>span{border-bottom:1px dotted var(--muted)}
.lists dd{margin:0;text-align:right;font-weight:600;white-space:nowrap}
.lists small{grid-column:1/-1;color:var(--muted);font-size:.72rem;text-align:right;font-weight:400}
table.groups td{padding:.18rem .9rem .18rem 0}table.groups td small{color:var(--muted);font-size:.73rem}
table.groups th{padding-right:.9rem}table.groups .wide{width:22%;min-width:7rem}
.pm{position:relative;height:.8rem;display:block}
.pm::before{content:"";position:absolute;left:50%;top:-.1rem;bottom:-.1rem;border-left:1px solid var(--border)}
.pm span{position:absolute;top:.1rem;bottom:.1rem;border-radius:1px}
.pm .up{background:var(--up)}.pm .down{background:var(--down)}
.weekdays{display:grid;grid-template-columns:repeat(7,minmax(0,1fr)) minmax(0,1.1fr);gap:.25rem;font-size:.74rem;
 color:var(--muted)}.weekdays span{padding:0 .5rem}.weekdays span:last-child{text-align:right}
.st-key-calendar_days{display:grid!important;gap:.25rem!important;
 grid-template-columns:repeat(7,minmax(0,1fr)) minmax(0,1.1fr)}
.st-key-calendar_months{display:grid!important;gap:.35rem!important;grid-template-columns:repeat(4,minmax(0,1fr))}
.st-key-calendar_days>*,.st-key-calendar_months>*{width:100%!important;min-width:0}
[class*=st-key-day_] button,[class*=st-key-month_] button{width:100%;min-height:4.1rem;padding:.25rem .5rem;
 align-items:flex-start;justify-content:flex-start;text-align:left;border-color:var(--border);background:var(--panel)}
[class*=st-key-day_] button>div,[class*=st-key-month_] button>div{justify-content:flex-start;width:100%}
[class*=st-key-day_] button p,[class*=st-key-month_] button p{font-size:.8rem;line-height:1.3;text-align:left;
 white-space:pre-line;color:var(--muted);font-variant-numeric:tabular-nums}
[class*=st-key-day_] button strong,[class*=st-key-month_] button strong{color:var(--text);font-size:.92rem}
[class*=st-key-day_up_] button strong,[class*=st-key-month_up_] button strong{color:var(--up)}
[class*=st-key-day_down_] button strong,[class*=st-key-month_down_] button strong{color:var(--down)}
[class*=st-key-day_up_] button,[class*=st-key-month_up_] button{
 background:color-mix(in srgb,var(--up) 9%,var(--panel))}
[class*=st-key-day_down_] button,[class*=st-key-month_down_] button{
 background:color-mix(in srgb,var(--down) 9%,var(--panel))}
[class*=_chosen_] button{border-color:var(--accent)!important;box-shadow:inset 0 0 0 1px var(--accent)}
.outside{min-height:4.1rem}
.week{font-size:.8rem;line-height:1.3;text-align:right;padding:.25rem .2rem;min-height:4.1rem;color:var(--muted)}
.week b{display:block;font-weight:600;font-size:.92rem}
.changed{border-left:3px solid var(--warning);padding:.35rem .7rem;background:var(--panel);font-size:.86rem}
.said{font-size:.9rem}.said img{max-width:100%}
table.changes td{overflow-wrap:anywhere}
.st-key-trade_pictures{display:grid!important;gap:.6rem!important;
 grid-template-columns:repeat(auto-fill,minmax(min(100%,21rem),1fr))}
.st-key-trade_pictures>*{width:100%!important;min-width:0}
[class*=st-key-picture_]{gap:.2rem!important}[class*=st-key-picture_] img{border:1px solid var(--border);
 border-radius:4px}
.file{display:flex;flex-wrap:wrap;gap:.15rem .9rem;align-items:baseline;font-size:.88rem}
@media(max-width:1100px){.st-key-journal_filters{grid-template-columns:repeat(5,minmax(0,1fr))}}
@media(max-width:640px){
 .st-key-journal_filters{grid-template-columns:repeat(3,minmax(0,1fr))}
 .lists{grid-template-columns:1fr}
 .weekdays,.st-key-calendar_days{grid-template-columns:repeat(7,minmax(0,1fr));gap:.15rem!important}
 .weekdays span{padding:0 .1rem}.weekdays span:last-child,.st-key-calendar_days>:nth-child(8n){display:none}
 .st-key-calendar_months{grid-template-columns:repeat(3,minmax(0,1fr))}
 .outside{min-height:3.4rem}
 [class*=st-key-day_] button{min-height:3.4rem;padding:.1rem .15rem}
 [class*=st-key-day_] button p{font-size:.66rem}[class*=st-key-day_] button strong{font-size:.7rem}
}
"""
