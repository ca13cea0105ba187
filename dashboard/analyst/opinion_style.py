"""The look of an opinion on a signal, of the analyst's settings and of its record. Part of the one style sheet."""

from __future__ import annotations

from typing import Final

RULES: Final = """
.opinion{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,17rem),1fr));gap:.2rem 1.4rem;
 font-size:.86rem}
.opinion h4{font-size:.74rem;font-weight:400;color:var(--muted);margin:.2rem 0 .1rem;padding:0}
.opinion ul{margin:0;padding:0 0 0 1rem}.opinion li{margin:0 0 .15rem;padding:0;font-size:.86rem;
 overflow-wrap:anywhere}
.opinion .verdict{grid-column:1/-1}.opinion table.desk td{padding-top:.12rem;padding-bottom:.12rem}
.opinion small{font-size:.74rem}
.opinion p{margin:0;font-size:.86rem;overflow-wrap:anywhere}
.opinion-writing{border-left:3px solid var(--accent);padding:.1rem 0 .1rem .7rem}
.opinion-raw{white-space:pre-wrap;overflow-wrap:anywhere;font-size:.8rem;color:var(--muted);max-height:14rem;
 overflow:hidden}
.opinion-missing{border-left:3px solid var(--border);padding:.1rem 0 .1rem .7rem;font-size:.86rem}
.opinion-missing.warning{border-left-color:var(--warning);color:var(--text)}
details.rule{font-size:.78rem;color:var(--muted)}details.rule>summary{cursor:pointer}
details.rule p{margin:.2rem 0 0;font-size:.78rem}
.st-key-analyst_fields{display:grid!important;gap:.4rem .8rem!important;align-items:end;
 grid-template-columns:repeat(auto-fit,minmax(min(100%,13rem),1fr))}
.st-key-analyst_fields>*{width:100%!important;min-width:0}
table.analyst-record{min-width:62rem}table.analyst-record td{white-space:nowrap}table.analyst-record td,
table.analyst-record th{padding-right:.9rem}
"""
