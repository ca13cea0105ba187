"""The Dataset page's own pieces: the gallery, and boxes laid over an image. Part of the one style sheet."""

from __future__ import annotations

from typing import Final

RULES: Final = """
.st-key-dataset_filters{display:grid!important;gap:.4rem!important;grid-template-columns:repeat(7,minmax(0,1fr))}
.st-key-dataset_gallery{display:grid!important;gap:.7rem!important;
 grid-template-columns:repeat(auto-fill,minmax(16.5rem,1fr))}
[class*=st-key-thumb_]{gap:.15rem!important;border:1px solid var(--border);border-radius:4px;padding:.3rem;
 background:var(--panel)}
[class*=st-key-thumb_] img{border-radius:2px;width:100%}
.st-key-dataset_gallery [data-testid=stElementToolbar]{display:none}
[class*=st-key-thumb_] button{min-height:0;padding:.1rem .3rem;width:100%}
[class*=st-key-thumb_] .muted{display:flex;justify-content:space-between;font-size:.74rem;padding:0 .2rem}
.preview{position:relative;line-height:0;max-width:100%}
.preview img{width:100%;height:auto;border-radius:4px;border:1px solid var(--border)}
.preview .box{position:absolute;border:1px solid var(--accent);min-width:5px;min-height:5px;
 transform:translate(-1px,-1px);box-sizing:content-box}
.preview .box.up{border-color:var(--up)}.preview .box.down{border-color:var(--down)}
.preview .box.rejected{border-style:dashed;opacity:.35}.preview .box.judged{opacity:.55}
.preview .box.current{border:2px solid var(--warning);opacity:1;z-index:2;box-shadow:0 0 0 2px #0008}
.preview .box span{position:absolute;left:-2px;bottom:100%;font-size:.7rem;line-height:1.25;white-space:nowrap;
 background:var(--warning);color:#0c1116;padding:0 .3rem;border-radius:2px 2px 0 0}
.preview .box.right span{left:auto;right:-2px}.preview .box.high span{bottom:auto;top:100%;border-radius:0 0 2px 2px}
.preview .line{position:absolute;height:0;border-top:1px dashed var(--text);opacity:.8}
.st-key-dataset_box{display:grid!important;gap:.4rem!important;grid-template-columns:repeat(4,minmax(0,1fr))}
.st-key-dataset_box>*{width:100%!important;min-width:0}
.st-key-dataset_verdicts,.st-key-dataset_moves{flex-wrap:nowrap!important}
@media(max-width:640px){
 .st-key-dataset_filters{grid-template-columns:repeat(2,minmax(0,1fr))}
 .st-key-dataset_gallery{grid-template-columns:repeat(2,minmax(0,1fr));gap:.4rem!important}
 .st-key-dataset_box{grid-template-columns:repeat(2,minmax(0,1fr))}
}
"""
