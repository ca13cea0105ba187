"""The look of orders, their dialogs and the guards. Part of the one style sheet."""

from __future__ import annotations

from typing import Final

RULES: Final = """
.st-key-orders_bar{row-gap:.4rem!important}.st-key-orders_bar button{white-space:nowrap}
.st-key-order_filters{display:grid!important;gap:.4rem!important;grid-template-columns:repeat(3,minmax(0,1fr))}
.st-key-order_filters>*{width:100%!important;min-width:0}
.pill.live{background:var(--down);border-color:var(--down);color:#fff;letter-spacing:.05em}
.pill.paper{color:var(--accent);border-color:var(--accent);background:none;letter-spacing:.05em}
.killed{border:1px solid var(--down);border-left-width:4px;border-radius:4px;padding:.4rem .75rem;font-size:.88rem;
 background:color-mix(in srgb,var(--down) 12%,var(--panel))}
.killed b{color:var(--down)}
[class*=st-key-kill_] button{border-color:var(--down);color:var(--down);white-space:nowrap}
[class*=st-key-kill_] button:hover{background:var(--down);color:#fff;border-color:var(--down)}
.st-key-dialog_kill button{background:var(--down)!important;border-color:var(--down)!important;color:#fff!important}
.attention{border-left:3px solid var(--warning);padding:.35rem .7rem;background:var(--panel);font-size:.86rem;
 border-radius:0 4px 4px 0}
.attention.bad{border-left-color:var(--down)}
.order-head{display:flex;flex-wrap:wrap;gap:.15rem .6rem;align-items:baseline}
.order-head h2{font-size:1.15rem;margin:0;padding:0;font-weight:600}.order-head .muted{font-size:.82rem}
.fill{display:grid;grid-template-columns:auto minmax(3rem,1fr);gap:0 .5rem;align-items:center;white-space:nowrap}
.fill .bar{margin:0;height:6px;min-width:3rem}
table.legs td{padding:.22rem .6rem .22rem 0;vertical-align:middle}table.legs tr.on td{background:var(--raised)}
table.legs td:nth-child(6){width:26%}table.legs :is(th,td):nth-child(6){padding-left:.7rem}
.st-key-order_legs{row-gap:0!important}.st-key-order_legs button{min-height:0;padding:0}
table.life td{padding:.16rem .6rem .16rem 0;font-size:.82rem}table.life td:last-child{overflow-wrap:anywhere}
table.answers td{padding:.16rem .5rem .16rem 0}table.answers td:nth-child(1){white-space:nowrap}
table.refusals td{font-size:.84rem}table.refusals td:last-child{min-width:14rem}
table.refusals :is(th,td):last-child{padding-left:.7rem}
dl.order-facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(7.4rem,1fr));gap:.15rem .9rem;margin:0;
 padding:0}
dl.order-facts dt{font-size:.72rem;color:var(--muted);font-weight:400;margin:0}
dl.order-facts dd{margin:0;font-size:.88rem;overflow-wrap:anywhere}
[class*=st-key-order_fields]{display:grid!important;gap:.45rem .7rem!important;align-items:end;
 grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr))}
[class*=st-key-order_fields]>*{width:100%!important;min-width:0}
.st-key-guard_fields{display:grid!important;gap:.45rem .8rem!important;align-items:start;
 grid-template-columns:repeat(auto-fit,minmax(11rem,1fr))}
.st-key-guard_fields>*{width:100%!important;min-width:0}
[class*=st-key-cost_fields]{display:grid!important;gap:.45rem .8rem!important;align-items:end;
 grid-template-columns:repeat(auto-fit,minmax(11rem,1fr))}
[class*=st-key-cost_fields]>*{width:100%!important;min-width:0}
.st-key-cost_fields_commission{grid-template-columns:repeat(5,minmax(0,1fr))}
.st-key-cost_buttons{display:grid!important;grid-template-columns:1fr 1fr;gap:.7rem!important}
.costs-now,.costs-now dl{font-size:.86rem}.costs-now :is(dt,dd){font-weight:400;margin:0}
.costs-now dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem .8rem;margin:.3rem 0 0;padding:0}
.costs-now dt{color:var(--muted)}.costs-now dd{overflow-wrap:anywhere}
.costs-worked{border-left:3px solid var(--accent);background:var(--panel);padding:.35rem .7rem;font-size:.86rem;
 border-radius:0 4px 4px 0}
@media(max-width:640px){
 [class*=st-key-cost_fields]{grid-template-columns:1fr 1fr}.st-key-orders_bar>:first-child{flex:1 0 100%}
 .st-key-order_filters{grid-template-columns:1fr 1fr}.st-key-order_filters>:first-child{grid-column:1/-1}
 [class*=st-key-order_fields]{grid-template-columns:1fr 1fr}
 .st-key-guard_fields{grid-template-columns:1fr 1fr}
 table.guards :is(th,td):last-child{display:none}table.refusals td:nth-child(3){min-width:7rem}
}
"""
