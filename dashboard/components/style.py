"""The one style sheet of our own: density, figures in columns, and the pieces that `markup` makes. Static text."""

from __future__ import annotations

import streamlit as st

from core.charts import theme
from dashboard.accounts import style as account_style
from dashboard.analyst import opinion_style
from dashboard.ask import style as ask_style
from dashboard.broker import style as broker_style
from dashboard.dataset import style as dataset_style
from dashboard.journal import style as journal_style
from dashboard.lineage import style as lineage_style
from dashboard.orders import style as order_style
from dashboard.portfolio import style as portfolio_style
from dashboard.prompts import style as prompt_style

_PAGES = (
    account_style,
    ask_style,
    broker_style,
    dataset_style,
    journal_style,
    lineage_style,
    opinion_style,
    order_style,
    portfolio_style,
    prompt_style,
)

_COLOURS = {
    "panel": theme.PANEL,
    "raised": theme.RAISED,
    "border": theme.BORDER,
    "text": theme.TEXT,
    "muted": theme.MUTED,
    "accent": theme.ACCENT,
    "up": theme.UP,
    "down": theme.DOWN,
    "warning": theme.WARNING,
}

_RULES = """
[data-testid=stMainBlockContainer]{padding-left:1rem;padding-right:1rem;max-width:100%}
[data-testid=stMainBlockContainer] [data-testid=stVerticalBlock]{gap:.55rem}
[data-testid=stMainBlockContainer],[data-testid=stDialog]{font-variant-numeric:tabular-nums}
.status{display:flex;flex-wrap:wrap;gap:.15rem 1rem;font-size:.82rem;color:var(--muted);align-items:center;
 border-bottom:1px solid var(--border);padding:0 0 .4rem}
.status b{color:var(--text);font-weight:600}.status .dot{display:inline-block;width:.5rem;height:.5rem;
 border-radius:50%;margin-right:.35rem;background:var(--muted)}
.dot.up{background:var(--up)!important}.dot.down{background:var(--down)!important}
.dot.warning{background:var(--warning)!important}
.badge{display:inline-block;font-size:.66rem;font-weight:700;letter-spacing:.06em;padding:.05rem .35rem;
 border-radius:3px;border:1px solid var(--warning);color:var(--warning);vertical-align:middle;margin-left:.3rem}
.badge.sample{border-color:var(--accent);color:var(--accent)}
.pill{display:inline-block;font-size:.74rem;font-weight:600;padding:.05rem .5rem;border-radius:999px;
 background:var(--raised);color:var(--muted);border:1px solid var(--border)}
.pill.up{color:var(--up)}.pill.down{color:var(--down)}.pill.warning{color:var(--warning)}.pill.accent{color:var(--accent)}
.up{color:var(--up)}.down{color:var(--down)}.warning{color:var(--warning)}.muted{color:var(--muted)}
dl.kpis{padding:0;display:grid;grid-template-columns:repeat(auto-fit,minmax(8.6rem,1fr));gap:1px;background:var(--panel);
 border:1px solid var(--border);border-radius:4px;overflow:hidden;margin:0}
.kpis>div{box-shadow:0 0 0 1px var(--border);padding:.5rem .75rem;min-width:0}
.kpis dt{font-size:.74rem;color:var(--muted);font-weight:400;margin:0}
.kpis dd{font-size:1.25rem;font-weight:600;margin:0;line-height:1.3;white-space:nowrap;overflow:hidden;
 text-overflow:ellipsis}
.kpis small{font-size:.74rem;color:var(--muted);font-weight:400;display:block;white-space:normal;line-height:1.25}
.st-key-signal_filters,.st-key-pattern_filters{display:grid!important;gap:.4rem!important;
 grid-template-columns:repeat(3,minmax(0,1fr))}
[class*=_filters]>*{width:100%!important;min-width:0}
.review{border:1px solid var(--border);border-radius:4px;padding:.6rem .8rem;background:var(--panel)}
.review h3{font-size:1.05rem;margin:0 0 .35rem;padding:0;font-weight:600}
.progress{height:4px;background:var(--raised);border-radius:2px;overflow:hidden;margin:.25rem 0 0}
.progress span{display:block;height:100%;background:var(--accent)}
table.record{table-layout:fixed;min-width:66rem}table.record th:first-child{width:15rem}
table.record td{white-space:nowrap;padding:.18rem .9rem .18rem 0}
table.record td small{color:var(--muted);font-size:.74rem}
.card dl{margin:0;padding:0;display:grid;gap:.1rem}
.card dl>div{display:grid;grid-template-columns:4.6rem minmax(0,1fr);gap:.4rem}
.card dt{font-size:.76rem;color:var(--muted);font-weight:400;margin:0;padding-top:.1rem}
.card dd{margin:0;font-size:.84rem;overflow-wrap:anywhere}.card>.muted{font-size:.8rem;margin-bottom:.25rem}
[class*=st-key-strategy_on_],[class*=st-key-strategy_off_]{border:1px solid var(--border);border-radius:4px;
 padding:.35rem .7rem .5rem;gap:.1rem!important}
[class*=st-key-strategy_on_]{border-color:var(--accent);background:var(--panel)}
[class*=st-key-choose_] button p{font-weight:600;font-size:1rem}[class*=st-key-choose_] button{min-height:0;padding:0}
[class*=st-key-fields_]{display:grid!important;gap:.45rem .8rem!important;align-items:start}
[class*=st-key-fields_]>*{width:100%!important;min-width:0}
.st-key-fields_settings{grid-template-columns:repeat(auto-fit,minmax(15rem,1fr))}
.st-key-fields_plain{grid-template-columns:repeat(auto-fill,minmax(9.5rem,1fr))}
.st-key-fields_wide{grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr))}.card .pill{margin-right:.35rem}
.own{font-size:.84rem;padding:.2rem 0}.own.failed{padding-left:.6rem}
.own code{background:none;padding:0;color:var(--text);margin-right:.35rem}
div.runs{max-height:30rem;overflow-y:auto}
[data-testid=stPageLink] a p{color:var(--accent)}
.st-key-signal_feed [data-testid=stPageLink] a p{color:var(--text)}
.head{display:flex;flex-wrap:wrap;gap:.2rem .7rem;align-items:baseline}
.head h2{font-size:1.25rem;margin:0;padding:0;font-weight:600}
.head .muted{font-size:.82rem}
.section{font-size:.78rem;font-weight:600;color:var(--muted);margin:.15rem 0 0;display:block}
.scroll{overflow-x:auto;max-width:100%}
table.desk{width:100%;border-collapse:collapse;font-size:.86rem;margin:0}
table.desk th{font-weight:400;color:var(--muted);font-size:.74rem;text-align:left;border-bottom:1px solid var(--border);
 padding:.2rem .5rem .2rem 0;white-space:nowrap}
table.desk td{padding:.25rem .5rem .25rem 0;border-bottom:1px solid var(--border);vertical-align:top}
table.desk .num{text-align:right;white-space:nowrap}table.desk .nowrap{white-space:nowrap}
table.desk tr:last-child td{border-bottom:none}
.empty{border:1px dashed var(--border);border-radius:4px;padding:1.4rem 1.2rem;color:var(--muted);max-width:46rem}
.empty b{color:var(--text);display:block;margin-bottom:.25rem;font-weight:600}
.empty code{color:var(--text);background:var(--raised);padding:.05rem .3rem;border-radius:3px;
 white-space:normal;overflow-wrap:anywhere}
.failed{border-left:3px solid var(--down);padding-left:.6rem}
.plain{white-space:pre-wrap;overflow-wrap:anywhere;font-size:.86rem}
dl.trade{padding:0;display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;margin:0}
dl.trade dt{font-size:.7rem;color:var(--muted);font-weight:400;margin:0}
dl.trade dd{margin:0;font-size:.88rem;white-space:nowrap}
[class*=st-key-open_],[class*=st-key-job_]{border-bottom:1px solid var(--border);padding-bottom:.35rem}
[class*=st-key-open_]>[data-testid=stElementContainer]:first-child,
[class*=st-key-job_]>[data-testid=stElementContainer]:first-child{flex:1 1 20rem;min-width:0}
.small{font-size:.74rem}.legend{font-size:.74rem}
.lines{display:flex;flex-wrap:wrap;gap:0 .9rem;min-height:1.1rem}
.moment{font-size:.82rem}.moment .pill{margin-right:.35rem}
[class*=st-key-charts_fields_]{display:grid!important;gap:.3rem .5rem!important;
 grid-template-columns:repeat(2,minmax(0,1fr))}
[class*=st-key-charts_fields_]>*{width:100%!important;min-width:0}
details.trace>summary{cursor:pointer;font-size:.88rem}
details.trace pre{font-size:.72rem;white-space:pre-wrap;overflow-wrap:anywhere;background:var(--panel);padding:.5rem;
 max-height:20rem;overflow:auto;border-radius:4px}
table.pairs thead{display:none}table.pairs td:first-child{width:8.5rem;font-size:.76rem}
table.pairs code{font-size:.72rem;overflow-wrap:anywhere;background:none;padding:0;color:var(--muted)}
.st-key-signal_feed [data-testid=stPageLink-NavLink],.st-key-signal_feed a{padding:.28rem .2rem;border-radius:0;
 border-bottom:1px solid var(--border)}
.st-key-signal_feed [data-testid=stElementContainer],.st-key-signal_feed .stPageLink{width:100%!important}
[data-testid=stMain]{overflow-x:clip}
[data-testid=stDataFrame]{border-radius:4px;overflow-x:clip}
@media(max-width:640px){
 [data-testid=stMainBlockContainer]{padding-left:.6rem;padding-right:.6rem}
 dl.kpis{grid-template-columns:1fr 1fr}.kpis dd{font-size:1.05rem}
 [class*=st-key-strategy_off_] .card dl>div:not(.brief){display:none}
 .st-key-review_panel>[data-testid=stLayoutWrapper]>[data-testid=stHorizontalBlock]{
 flex-direction:column-reverse;flex-wrap:nowrap;gap:.4rem}
 .st-key-review_panel [data-testid=stColumn]{min-width:100%}
 .review dl.trade>div:nth-child(5),.review dl.trade>div:nth-child(7){display:none}
}
"""


def sheet() -> str:
    """The whole style element, with the rules of single pages.

    One element for all: Streamlit keeps styles in the place where toasts go, and a later one could be put over another.
    """
    names = "".join(f"--{name}:{colour};" for name, colour in _COLOURS.items())
    return f"<style>:root{{{names}}}{_RULES}{''.join(one.RULES for one in _PAGES)}</style>"


def apply() -> None:
    """Put the style sheet on the page."""
    st.html(sheet())
