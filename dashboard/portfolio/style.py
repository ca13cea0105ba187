"""The look of the Portfolio page. Part of the one style sheet."""

from __future__ import annotations

from typing import Final

RULES: Final = """
.st-key-portfolio_bar{row-gap:.4rem!important}.st-key-portfolio_bar button{white-space:nowrap}
.notices{display:grid;gap:.2rem}.notices .attention{padding:.2rem .7rem;font-size:.82rem}
.keys{display:flex;flex-wrap:wrap;gap:.1rem 1rem;font-size:.76rem;color:var(--muted)}
.keys i{display:inline-block;width:.7rem;height:.2rem;margin-right:.35rem;vertical-align:middle;border-radius:1px}
table.allocation td{padding:.18rem .7rem .18rem 0;vertical-align:middle}table.allocation .wide{width:24%}
table.allocation td:first-child{max-width:9rem;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
table.allocation .bar{margin:0}
.cards{display:grid;gap:.6rem;grid-template-columns:repeat(auto-fill,minmax(min(100%,27rem),1fr))}
.position-card{border:1px solid var(--border);border-radius:4px;background:var(--panel);padding:.5rem .75rem .55rem;
 min-width:0}
.position-card h3{font-size:1.05rem;margin:0;padding:0;font-weight:600}
dl.position{display:grid;grid-template-columns:repeat(4,minmax(0,1fr));gap:.3rem .8rem;margin:.35rem 0 .4rem;padding:0}
dl.position dt{font-size:.7rem;color:var(--muted);font-weight:400;margin:0;white-space:nowrap}
dl.position dd{margin:0;font-size:.9rem;font-weight:600;white-space:nowrap}
dl.position small{display:block;font-size:.68rem;color:var(--muted);font-weight:400;white-space:normal;line-height:1.2}
.position-risk{border-top:1px solid var(--border);padding-top:.3rem;font-size:.84rem}
table.stops td{padding:.12rem .6rem .12rem 0;font-size:.8rem}table.stops a{color:var(--accent)}
.measures{display:grid;gap:.6rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr))}
.measures>div{border:1px solid var(--border);border-radius:4px;background:var(--panel);padding:.45rem .75rem .55rem}
.measures dt{font-size:.74rem;color:var(--muted);font-weight:400}.measures dl{margin:0;padding:0}
.measures dd{margin:0;font-size:1.15rem;font-weight:600;line-height:1.35}
.measures dd span{font-size:.82rem;font-weight:400;color:var(--muted);margin-left:.4rem}
.measures p{font-size:.74rem;color:var(--muted);margin:.15rem 0 0;line-height:1.3}
table.heat{border-collapse:separate;border-spacing:2px;font-size:.8rem;width:auto}
table.heat th{font-weight:400;color:var(--muted);font-size:.74rem;padding:.15rem .4rem;white-space:nowrap;
 text-align:center}
table.heat tbody th{text-align:right}
table.heat td{min-width:3.6rem;text-align:center;padding:.3rem .35rem;border-radius:2px}
.st-key-portfolio_risk_choice{row-gap:.4rem!important}
.st-key-portfolio_fields{display:grid!important;gap:.5rem .7rem!important;grid-template-columns:repeat(2,minmax(0,1fr))}
.st-key-portfolio_fields>*{width:100%!important;min-width:0}
[class*=st-key-class_row_]{border-bottom:1px solid var(--border);padding-bottom:.3rem}
@media(max-width:640px){
 dl.position{grid-template-columns:repeat(2,minmax(0,1fr))}
 .st-key-portfolio_fields{grid-template-columns:1fr}
 table.allocation .wide{display:none}
 table.stops :is(th,td):nth-child(2){display:none}
}
"""
