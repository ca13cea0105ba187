"""The look of the connection to a broker. Part of the one style sheet."""

from __future__ import annotations

from typing import Final

RULES: Final = """
.badge.live{background:var(--down);border-color:var(--down);color:#fff;margin:0}
.status .badge.live{font-size:.74rem;padding:.08rem .5rem}
.st-key-broker_head,[class*=st-key-broker_row_]{gap:.5rem!important}
[class*=st-key-broker_row_]{border-bottom:1px solid var(--border);padding-bottom:.35rem}
[class*=st-key-broker_row_]>[data-testid=stElementContainer]:first-child{flex:1 1 16rem;min-width:0}
.gap{font-size:.86rem;overflow-wrap:anywhere}.gap .pill{margin-right:.4rem}
.gap .muted{font-size:.78rem;display:block;margin-top:.1rem}
.kpis .live{color:var(--down)}
.st-key-broker_search{display:grid!important;gap:.4rem!important;align-items:end;
 grid-template-columns:minmax(0,1fr) minmax(0,1fr) auto}
.st-key-broker_search>*{width:100%!important;min-width:0}
.st-key-broker_fields{display:grid!important;gap:.5rem .7rem!important;grid-template-columns:2fr 1fr 1fr}
.st-key-broker_fields>*{width:100%!important;min-width:0}
ol.steps{margin:.3rem 0 0;padding-left:1.2rem;font-size:.86rem;line-height:1.55}ol.steps b{display:inline;margin:0}
@media(max-width:640px){
 .st-key-broker_search,.st-key-broker_fields{grid-template-columns:1fr 1fr}
 .st-key-broker_search>:first-child,.st-key-broker_fields>:first-child{grid-column:1/-1}
}
"""
