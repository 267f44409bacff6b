/** The style sheet of the report: light and dark, from phones to desktops and paper. Colours: Okabe and Ito, 2008. */
export const reportStyle = `
:root{color-scheme:light dark;--paper:#fff;--card:#f6f7f9;--ink:#1b1f24;--muted:#5b6470;--line:#d8dde3;--warn:#8a4b00;--warn-paper:#fff3e0;
--series-1:#0072b2;--series-2:#d55e00;--series-3:#007a58;--series-4:#a8487f;--series-5:#8a6d00;--series-6:#3c7fa6}
@media(prefers-color-scheme:dark){:root{--paper:#14171b;--card:#1d2127;--ink:#e8eaed;--muted:#a3acb8;--line:#363d46;--warn:#ffc37a;--warn-paper:#3a2a14;
--series-1:#56b4e9;--series-2:#ff8a4c;--series-3:#3ecf9f;--series-4:#e39ac3;--series-5:#f0d44a;--series-6:#9cc9e8}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,sans-serif}
main{max-width:54rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}
h1{font-size:1.9rem;line-height:1.2;margin:0 0 .4rem}
h2{font-size:1.3rem;line-height:1.3;margin:3rem 0 .6rem;padding-top:1.4rem;border-top:1px solid var(--line)}
h3{font-size:1rem;margin:1.8rem 0 .4rem}
p,ul{margin:.5rem 0;max-width:44rem}
.lead,.note,.caption{color:var(--muted)}
.note{font-size:.9rem}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(14rem,44%),1fr));gap:.75rem;margin:1.5rem 0}
.facts div{background:var(--card);border-radius:.6rem;padding:.8rem 1rem}
.facts dt{font-size:.85rem;color:var(--muted)}
.facts dd{margin:.15rem 0 0;font-size:1.35rem;font-weight:650;font-variant-numeric:tabular-nums}
.facts small{display:block;font-size:.8rem;font-weight:400;color:var(--muted)}
.table{overflow-x:auto;margin:.4rem 0 1rem}
table{border-collapse:collapse;width:100%;font-size:.92rem;font-variant-numeric:tabular-nums}
.caption{font-size:.9rem;margin:1.2rem 0 .2rem}
th,td{text-align:right;padding:.45rem .7rem;border-bottom:1px solid var(--line);vertical-align:top;white-space:nowrap}
th{font-weight:600}
thead th{color:var(--muted);font-size:.85rem;white-space:normal;vertical-align:bottom}
th:first-child,td:first-child{text-align:left;padding-left:0}
td:first-child{white-space:normal;min-width:7.5rem}
th.text{text-align:left}
td.text{text-align:left;white-space:normal;overflow-wrap:anywhere;min-width:9rem}
td small{display:block;color:var(--muted)}
td small.wrap{white-space:normal}
.badge{display:inline-block;border-radius:.3rem;padding:.05rem .4rem;background:var(--warn-paper);color:var(--warn);font-size:.78rem;white-space:nowrap}
.warning{background:var(--warn-paper);color:var(--warn);border-radius:.6rem;padding:.7rem 1rem}
figure{margin:1rem 0}
svg{display:block;width:100%;height:auto}
svg text{fill:var(--muted);font:13px system-ui,sans-serif}
svg .label{font-weight:600}
svg .grid{stroke:var(--line);fill:none}
svg .diagonal{stroke:var(--muted);stroke-dasharray:4 4;fill:none}
svg g path{fill:none;stroke:currentColor;stroke-width:2.2;stroke-linejoin:round}
svg g .dashed{stroke-width:1.6;stroke-dasharray:3 5}
svg g .bar{stroke-width:1.4;opacity:.65}
svg circle{fill:currentColor}
.series-1{color:var(--series-1)}.series-2{color:var(--series-2)}.series-3{color:var(--series-3)}
.series-4{color:var(--series-4)}.series-5{color:var(--series-5)}.series-6{color:var(--series-6)}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;padding:0;margin:0 0 .4rem;font-size:.9rem;font-weight:600}
.legend li::before{content:"";display:inline-block;width:1rem;height:.2rem;border-radius:.1rem;background:currentColor;margin-right:.4rem;vertical-align:middle}
@media(max-width:34rem){main{padding-top:1.5rem}h1{font-size:1.5rem}svg text{font-size:17px}th,td{padding:.4rem .5rem}}
@media print{main{max-width:none;padding:0}h2,figure,tr{break-inside:avoid}}
`;
