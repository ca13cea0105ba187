"""The Prompts page's own pieces: list, editor, difference and comparison. Part of the one style sheet."""

from __future__ import annotations

from typing import Final

RULES: Final = """
[class*=st-key-prompt_on_],[class*=st-key-prompt_off_]{border:1px solid var(--border);border-radius:4px;
 padding:.3rem .7rem .4rem;gap:.1rem!important}
[class*=st-key-prompt_on_]{border-color:var(--accent);background:var(--panel)}
[class*=st-key-prompt_choose_] button p{font-weight:600;font-size:.95rem}
[class*=st-key-prompt_choose_] button{min-height:0;padding:0}
.prompt-line{font-size:.8rem;color:var(--muted)}.prompt-line .pill{margin-right:.3rem}
[class*=st-key-prompt_editor] textarea{font-family:"Source Code Pro",monospace;font-size:.8rem;line-height:1.4}
table.variables td{padding:.16rem .5rem .16rem 0}table.variables code{background:none;padding:0;font-size:.76rem;
 white-space:nowrap}
table.variables small{color:var(--muted);font-size:.72rem;display:block;overflow-wrap:anywhere}
.variables-scroll{max-height:34rem;overflow-y:auto}
pre.prompt-text{white-space:pre-wrap;overflow-wrap:anywhere;font-size:.78rem;background:var(--panel);margin:0;
 border:1px solid var(--border);border-radius:4px;padding:.5rem .7rem;max-height:26rem;overflow-y:auto}
pre.diff{white-space:pre-wrap;overflow-wrap:anywhere;font-size:.78rem;margin:0;border:1px solid var(--border);
 border-radius:4px;padding:.4rem .6rem;max-height:32rem;overflow-y:auto;background:var(--panel)}
pre.diff .add{color:var(--up)}pre.diff .drop{color:var(--down)}pre.diff .at{color:var(--muted)}
pre.diff span{display:block;min-height:1em}
.st-key-prompt_fields{display:grid!important;gap:.4rem .8rem!important;
 grid-template-columns:repeat(auto-fit,minmax(min(100%,12rem),1fr))}
.st-key-prompt_fields>*{width:100%!important;min-width:0}
table.compared td{white-space:nowrap}table.compared td,table.compared th{padding-right:1.2rem}
"""
