"""The Ask page's own pieces: an answer with its numbers marked, and its figures. Part of the one style sheet."""

from __future__ import annotations

from typing import Final

RULES: Final = """
.ask-said{font-size:.95rem;line-height:1.45;overflow-wrap:anywhere}
.ask-said .held{border-bottom:1px dotted var(--up)}
.ask-said .bad{color:var(--down);text-decoration:line-through;text-decoration-thickness:1px}
.ask-said .why{color:var(--down);font-size:.74rem;margin-left:.5rem}
.ask-said .uncited{color:var(--muted);font-size:.74rem;margin-left:.3rem}
.ask-question{font-size:1.05rem;font-weight:600;overflow-wrap:anywhere}
[class*=st-key-ask_sentence_]{gap:.1rem!important;border-left:2px solid var(--border);padding-left:.7rem}
[class*=st-key-ask_sentence_] button{min-height:0;padding:0 .35rem;border:1px solid var(--border);border-radius:3px}
[class*=st-key-ask_sentence_] button p{font-size:.74rem;font-variant-numeric:tabular-nums}
[class*=st-key-ask_sentence_] [data-testid=stHorizontalBlock]{gap:.3rem!important}
[class*=st-key-ask_pick_]{border-bottom:1px solid var(--border)}
[class*=st-key-ask_pick_] button{min-height:0;padding:.15rem 0;width:100%;justify-content:flex-start;text-align:left}
[class*=st-key-ask_pick_] button p{font-size:.86rem;text-align:left;white-space:normal}
[class*=st-key-ask_pick_on_] button p{font-weight:600;color:var(--accent)}
[class*=st-key-ask_pick_] .small{margin-top:-.35rem}
table.figures td{white-space:nowrap}table.figures td small{color:var(--muted);font-size:.66rem;margin-left:.3rem}
table.figures td:first-child{white-space:normal;min-width:8rem;overflow-wrap:anywhere}
table.figures td>.muted{white-space:normal;padding-left:.6rem;display:inline-block}
table.figures .cited{color:var(--accent)}
table.figures .chosen{background:var(--accent);color:var(--panel);border-radius:3px;padding:0 .25rem}
table.figures .chosen small{color:inherit}
@media(max-width:640px){[class*=st-key-ask_bar]{flex-wrap:wrap!important}}
"""
