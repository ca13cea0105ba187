"""The look of the Lineage page: its part of the one style sheet, and the sheets of its two drawings.

The drawings live in shadow roots, which the one sheet does not reach; its colours do.
"""

from __future__ import annotations

from typing import Final

RULES: Final = """
.st-key-lineage_find{display:grid!important;gap:.4rem!important;
 grid-template-columns:minmax(0,2.4fr) minmax(0,1.3fr) minmax(0,1fr) auto;align-items:center}
.st-key-lineage_find>*{width:100%!important;min-width:0}
.st-key-lineage_head{justify-content:space-between;align-items:center;gap:.3rem .8rem!important}
.st-key-lineage_head>:first-child{flex:1 1 16rem;min-width:0}
.verdict{font-size:.86rem}.verdict .pill{margin-right:.4rem}
table.desk.lineage a,table.desk.found a{color:var(--accent);text-decoration:none}
table.desk.found td:last-child{overflow-wrap:anywhere;min-width:9rem}
table.desk.found tr.failed td:first-child{border-left:3px solid var(--down);padding-left:.5rem}
table.diff td{font-size:.82rem}table.diff tr.first td{background:var(--raised)}
table.diff td.value{overflow-wrap:anywhere;max-width:22rem}
.stephead{display:flex;flex-wrap:wrap;gap:.1rem .7rem;align-items:baseline}
.stephead h3{font-size:1.05rem;margin:0;padding:0;font-weight:600}
.stephead .muted{font-size:.8rem}
.reason{border-left:3px solid var(--down);padding:.3rem .7rem;background:var(--panel);color:var(--down);
 border-radius:0 4px 4px 0;white-space:pre-wrap;overflow-wrap:anywhere;font-size:.86rem}
pre.quoted{font-size:.78rem;white-space:pre-wrap;overflow-wrap:anywhere;background:var(--panel);padding:.5rem .6rem;
 border:1px solid var(--border);border-radius:4px;max-height:24rem;overflow:auto;margin:0;color:var(--text)}
table.values td{padding:.14rem .5rem .14rem 0;font-size:.82rem}
@media(max-width:640px){.st-key-lineage_find{grid-template-columns:1fr 1fr}
 .st-key-lineage_find>:first-child{grid-column:1/-1}
 table.desk.found td.wide,table.desk.found th.wide{display:none}}
"""

_TONES = """
.data{--tone:var(--accent)}.work{--tone:#a99cdb}.signal{--tone:var(--warning)}.quiet{--tone:var(--muted)}
.desk{--tone:var(--up)}.stopped{--tone:var(--muted)}.failed{--tone:var(--down)}
"""

GRAPH: Final = (
    _TONES
    + """
.graph{position:relative;border:1px solid var(--border);border-radius:4px;background:var(--panel);
 font-family:var(--st-font)}
.frame{overflow:auto;max-height:30rem;scrollbar-width:thin;cursor:grab}
.frame:active{cursor:grabbing}
svg{display:block;margin:0 auto;user-select:none}
.tools{position:absolute;right:.4rem;bottom:.4rem;display:flex;align-items:center;gap:2px;z-index:1;
 background:var(--panel);border:1px solid var(--border);border-radius:4px;padding:1px}
.tools button{all:unset;cursor:pointer;min-width:1.5rem;text-align:center;font-size:.8rem;color:var(--text);
 line-height:1.5rem;padding:0 .15rem;border-radius:3px}
.tools button:hover{background:var(--raised)}.tools button:focus-visible{outline:1px solid var(--accent)}
.percent{font-size:.72rem;color:var(--muted);min-width:2.6rem;text-align:center;font-variant-numeric:tabular-nums}
.line{fill:none;stroke:var(--muted);stroke-opacity:.45;stroke-width:1.2}.line.lit{stroke:var(--accent);stroke-opacity:1}
.node{cursor:pointer;outline:none}
.face{fill:var(--raised);stroke:var(--border)}.behind{fill:var(--panel);stroke:var(--border)}.edge{fill:var(--tone)}
.node:hover .face,.node:focus-visible .face{stroke:var(--muted)}
.node.own .face{stroke:var(--tone)}.node.selected .face{stroke:var(--accent);stroke-width:2}
.name{font-size:12px;fill:var(--text)}.note,.count{font-size:10.5px;fill:var(--muted)}
.count{text-anchor:end;font-weight:600}
.failed .face{stroke:var(--down)}.failed .name,.failed .note,.failed .count{fill:var(--down)}
@media(max-width:640px){.frame{max-height:17rem}
 .tools{position:static;justify-content:flex-end;border:0;border-top:1px solid var(--border);border-radius:0}}
"""
)

TIMELINE: Final = (
    _TONES
    + """
.list{position:relative;border:1px solid var(--border);border-radius:4px;max-height:34rem;overflow-y:auto;
 overflow-x:hidden;scrollbar-width:thin;font-family:var(--st-font);font-variant-numeric:tabular-nums}
.burst{font-size:.72rem;color:var(--muted);padding:.25rem .5rem;background:var(--panel);position:sticky;top:0;
 border-bottom:1px solid var(--border)}
.row{all:unset;box-sizing:border-box;display:grid;width:100%;cursor:pointer;align-items:center;gap:.5rem;
 grid-template-columns:3.2rem 5.6rem minmax(0,1.3fr) minmax(3rem,1fr) 4rem;font-size:.8rem;padding:.16rem .5rem;
 border-left:2px solid transparent;color:var(--text)}
.row:hover{background:var(--panel)}.row:focus-visible{background:var(--raised)}
.row.selected{background:var(--raised);border-left-color:var(--accent)}
.row>span{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.number,.kind,.took{color:var(--muted);font-size:.74rem}.number,.took{text-align:right}
.row .lane{position:relative;height:.5rem;overflow:visible}
.bar{position:absolute;top:0;height:100%;border-radius:2px;background:var(--tone);min-width:2px}
.row.failed .name,.row.failed .took,.row.failed .kind{color:var(--down)}
@media(max-width:640px){.list{max-height:16rem}.row{grid-template-columns:4.6rem minmax(0,1fr) 3rem 3.6rem;gap:.35rem}
 .row .number{display:none}}
"""
)
