/** How pages look: light and dark, wide and narrow, on paper. Blue is good, orange is not. */

const LIGHT = `
  --bg: #ffffff; --ink: #16202b; --muted: #5a6875; --line: #dfe5ea; --grid: #edf0f3;
  --panel: #f5f7f9; --blue: #1d5fb4; --blue-strong: #174f97; --blue-soft: #bcd4ef;
  --orange: #c84b00; --orange-soft: #ffd9bd; --amber: #a76a00; --amber-soft: #ffe9b8;
  --violet: #7a3fb0; --teal: #00736b; --follower: #dbe5ef; --down: #4a545e; --on-strong: #ffffff;
  --shade: rgb(200 75 0 / 7%); --pale: rgb(255 255 255 / 62%);
  --s0: #1d5fb4; --s1: #c84b00; --s2: #00736b; --s3: #7a3fb0; --s4: #8a6d00; --s5: #5a6875;`;

const DARK = `
  --bg: #12161b; --ink: #e4e9ee; --muted: #97a3af; --line: #2b333b; --grid: #222931;
  --panel: #191f26; --blue: #74aef5; --blue-strong: #4d8fe0; --blue-soft: #2a4a70;
  --orange: #ff9a57; --orange-soft: #5b3217; --amber: #efb84a; --amber-soft: #4a3a14;
  --violet: #c39bf0; --teal: #4fc7bb; --follower: #2a3744; --down: #7b8793; --on-strong: #0c1014;
  --shade: rgb(255 154 87 / 9%); --pale: rgb(18 22 27 / 55%);
  --s0: #74aef5; --s1: #ff9a57; --s2: #4fc7bb; --s3: #c39bf0; --s4: #e0c050; --s5: #97a3af;`;

const PAGE = `
*, *::before, *::after { box-sizing: border-box; }
html { color-scheme: light dark; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--bg); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
  font-variant-numeric: tabular-nums; }
main, .top, footer { max-width: 1240px; margin: 0 auto; padding: 0 24px; }
a { color: var(--blue); }
h1 { font-size: 26px; line-height: 1.2; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 18px; margin: 40px 0 10px; padding-top: 14px; border-top: 1px solid var(--line); }
main > section:first-child h2 { border-top: 0; margin-top: 8px; }
h3 { font-size: 15px; margin: 22px 0 8px; }
p { margin: 0 0 10px; max-width: 78ch; }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, "DejaVu Sans Mono", monospace; font-size: 13px; }
.skip { position: absolute; left: -999px; }
.skip:focus { left: 12px; top: 12px; background: var(--bg); padding: 6px 10px; z-index: 9; }
.top { padding-top: 26px; }
.headline { display: flex; gap: 14px; align-items: center; flex-wrap: wrap; }
.badge { font-weight: 700; letter-spacing: .04em; padding: 3px 11px; border-radius: 999px; font-size: 14px; }
.badge.good { background: var(--blue-strong); color: var(--on-strong); }
.badge.bad { background: var(--orange); color: var(--on-strong); }
.badge.warn { background: var(--amber-soft); color: var(--amber); }
.reason { margin-top: 8px; font-size: 16px; }
.muted, .faint-text { color: var(--muted); }
nav { display: flex; flex-wrap: wrap; gap: 4px 18px; padding: 12px 0; margin-top: 14px;
  border-top: 1px solid var(--line); border-bottom: 1px solid var(--line); font-size: 14px; }
nav a { text-decoration: none; } nav a:hover { text-decoration: underline; }
nav .theme { margin-left: auto; }
button, select { font: inherit; font-size: 13px; color: var(--ink); background: var(--panel);
  border: 1px solid var(--line); border-radius: 6px; padding: 3px 10px; cursor: pointer; }
button:hover { border-color: var(--blue); }
:focus-visible { outline: 2px solid var(--blue); outline-offset: 2px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(136px, 1fr)); gap: 10px; margin: 18px 0 4px; }
.tile { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: 10px 12px; }
.tile dt { color: var(--muted); font-size: 12px; overflow-wrap: anywhere; } .tiles { padding: 0; }
.tile dd { margin: 2px 0 0; font-size: 21px; font-weight: 600; }
.tile small { font-size: 12px; font-weight: 400; color: var(--muted); display: block; }
.tile.bad dd { color: var(--orange); }
.command { display: flex; gap: 8px; align-items: center; background: var(--panel); border: 1px solid var(--line);
  border-radius: 8px; padding: 7px 10px; margin: 12px 0; }
.command .copy { margin: 0; }
.command code { flex: 1; overflow-wrap: anywhere; }
.findings { margin: 0 0 12px; padding: 0; list-style: none; }
.findings li { border-left: 4px solid var(--orange); background: var(--panel); padding: 8px 12px; margin: 8px 0; border-radius: 0 8px 8px 0; }
.findings li.known { border-color: var(--amber); } .findings li.allowed { border-color: var(--muted); }
pre.story { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: 10px 12px; overflow-x: auto; }
details > summary { cursor: pointer; color: var(--blue); margin: 10px 0; }
footer { color: var(--muted); font-size: 13px; padding-top: 20px; padding-bottom: 40px; }
@media (max-width: 600px) {
  main, .top, footer { padding-left: 12px; padding-right: 12px; }
  h1 { font-size: 21px; } .tiles { grid-template-columns: 1fr 1fr; } .tile dd { font-size: 18px; }
}
`;

const TABLES = `
.table { overflow-x: auto; margin: 6px 0 4px; }
table { border-collapse: collapse; font-size: 13.5px; }
caption { text-align: left; color: var(--muted); font-size: 13px; padding: 4px 0; }
th, td { padding: 4px 12px 4px 0; text-align: left; border-bottom: 1px solid var(--grid); vertical-align: top; }
thead th { color: var(--muted); font-weight: 600; border-bottom-color: var(--line); white-space: nowrap; }
tbody th { font-weight: 500; }
.number { text-align: right; white-space: nowrap; }
tr.bad td:first-child, tr.bad th:first-child, .bad-text { color: var(--orange); font-weight: 600; }
.good-text { color: var(--blue); font-weight: 600; } .warn-text { color: var(--amber); font-weight: 600; }
.copy { margin: 2px 0 10px; }
.matrix td { text-align: right; padding: 3px 8px; min-width: 56px; border: 1px solid var(--bg);
  background: color-mix(in srgb, var(--blue-soft) calc(var(--share) * 1%), transparent); }
.matrix th { white-space: nowrap; padding: 3px 8px; } .matrix thead th { text-align: right; }
`;

const CHARTS = `
figure { margin: 8px 0 0; } .plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 460px), 1fr)); gap: 8px 32px; }
figcaption { color: var(--muted); font-size: 13px; margin-top: 6px; max-width: 90ch; }
.chart { position: relative; }
.chart svg { display: block; width: 100%; height: auto; overflow: visible; touch-action: pan-y; user-select: none; }
.chart [tabindex]:focus-visible { outline-offset: 4px; border-radius: 4px; }
.controls { display: flex; flex-wrap: wrap; gap: 6px; margin: 6px 0; align-items: center; }
.controls output { color: var(--muted); font-size: 13px; margin-left: 6px; }
.tip { position: absolute; pointer-events: none; z-index: 5; background: var(--bg); border: 1px solid var(--line);
  box-shadow: 0 3px 14px rgb(0 0 0 / 18%); border-radius: 7px; padding: 7px 10px; font-size: 12.5px; line-height: 1.4;
  max-width: 300px; }
.tip b { display: block; }
.facts { min-height: 5.2em; background: var(--panel); border: 1px solid var(--line); border-radius: 8px;
  padding: 8px 12px; font-size: 13px; margin-top: 8px; }
.facts p { margin: 0; max-width: none; }
svg text { font-size: 11px; fill: var(--ink); font-family: inherit; }
svg .name { text-anchor: end; fill: var(--muted); }
svg .tick, svg .note, svg .legend, svg .faint { fill: var(--muted); }
svg .mid, svg .on-gap, svg .note-label { text-anchor: middle; } svg .end, svg .note, svg .legend { text-anchor: end; }
svg .panel-title { font-weight: 600; }
svg .grid { stroke: var(--grid); stroke-width: 1; }
svg .shade { fill: var(--shade); } svg .unmeasured { fill: var(--pale); }
svg .fault { fill: var(--orange); } svg .fault.inert { fill: none; stroke: var(--muted); stroke-dasharray: 3 2; }
svg .on-fault, svg .on-leader { fill: var(--on-strong); }
svg .leader, svg .state.leader { fill: var(--blue-strong); } svg .on-leader { font-weight: 600; }
svg .gap { fill: url(#hatch); stroke: var(--orange); stroke-width: 1; } svg .on-gap { fill: var(--orange); font-weight: 700;
  paint-order: stroke; stroke: var(--bg); stroke-width: 4px; }
svg .hatch-line { stroke: var(--orange); stroke-width: 1.6; opacity: .55; } svg .pause-line { stroke: var(--muted); stroke-width: 2; }
svg .ok { fill: var(--blue-soft); } svg .failed { fill: var(--orange); } svg .unknown { fill: var(--muted); }
svg .key-ok { fill: var(--blue-soft); } svg .key-failed { fill: var(--orange); } svg .key-unknown { fill: var(--muted); }
svg .key-p50 { fill: var(--teal); } svg .key-p99 { fill: var(--blue); } svg .key-dot { fill: var(--blue); }
svg .line { fill: none; stroke-width: 1.8; stroke-linejoin: round; } svg .p50 { stroke: var(--teal); } svg .p99 { stroke: var(--blue); }
svg .dots { stroke: var(--blue); stroke-width: 3; stroke-linecap: round; opacity: .32; fill: none; }
svg .dots.runs { opacity: .7; stroke-width: 4; }
svg .crosses { stroke: var(--orange); stroke-width: 1.1; opacity: .7; fill: none; }
svg .state.follower, svg .state.running { fill: var(--follower); } svg .on-follower, svg .on-running { fill: var(--muted); }
svg .state.candidate { fill: var(--amber); } svg .on-candidate { fill: var(--on-strong); }
svg .state.down { fill: var(--down); } svg .on-down { fill: var(--bg); }
svg .state.paused { fill: url(#dashes); } svg .on-paused { paint-order: stroke; stroke: var(--bg); stroke-width: 4px; }
svg .suspect { fill: var(--amber); } svg .dead { fill: var(--orange); }
svg .violation { fill: var(--orange); stroke: var(--bg); } svg .found-line { stroke: var(--orange); stroke-dasharray: 4 3; }
svg .violation-line { stroke: var(--orange); stroke-width: 2; } svg .moment-line { stroke: var(--blue); stroke-dasharray: 4 3; }
svg .cursor { stroke: var(--ink); stroke-width: 1; opacity: .5; } svg .brush { fill: var(--blue); opacity: .16; }
svg .life { stroke: var(--line); stroke-width: 2; }
svg .message { fill: none; stroke: var(--muted); stroke-width: 1; opacity: .45; }
svg .message.vote { stroke: var(--violet); } svg .message.append { stroke: var(--blue); } svg .message.other { stroke: var(--teal); }
svg .message.quiet { stroke-dasharray: 2 3; }
svg .message.past { opacity: 1; stroke-width: 2.2; } svg .message.future { opacity: .95; stroke-width: 1.8; stroke-dasharray: 6 3; }
svg .node { fill: var(--bg); stroke: var(--muted); stroke-width: 1.5; cursor: pointer; }
svg .node.vote { stroke: var(--violet); } svg .node.append { stroke: var(--blue); } svg .node.other { stroke: var(--teal); }
svg .node.past { fill: var(--ink); } svg .node.chosen { fill: var(--orange); stroke: var(--orange); } svg .node.future { fill: var(--blue-soft); }
svg .fault-node { fill: var(--orange); stroke: var(--orange); }
svg .note-label { fill: var(--muted); paint-order: stroke; stroke: var(--bg); stroke-width: 3px; }
svg .note-label.past, svg .note-label.chosen { fill: var(--ink); font-weight: 600; }
svg .curve.thin { stroke-width: 1.3; opacity: .75; } svg .whisker { fill: none; stroke-width: 1.6; }
svg .interval { fill: var(--orange-soft); opacity: .8; } svg .median { stroke: var(--orange); stroke-width: 2.5; }
svg .zero { stroke: var(--ink); stroke-width: 1.2; } svg .unpaired { stroke: var(--line); stroke-width: 9; }
svg .paired { stroke: var(--muted); stroke-width: 3; } svg .paired.sure { stroke: var(--blue); }
svg .estimate { fill: var(--bg); stroke: var(--muted); stroke-width: 2; } svg .estimate.sure { fill: var(--blue); stroke: var(--blue); }
svg .cell.good { fill: var(--blue-soft); } svg .cell.bad { fill: var(--orange); } svg .cell.warn { fill: var(--amber); }
svg .cell-mark { stroke: var(--on-strong); stroke-width: 1.6; fill: none; }
svg .curve { fill: none; stroke-width: 2; stroke-linejoin: round; } svg .series-name { font-weight: 600; }
${[0, 1, 2, 3, 4, 5]
  .map(
    (at) =>
      `svg .curve.series-${at}, svg .stroke-${at} { stroke: var(--s${at}); } ` +
      `svg .series-name.series-${at}, svg .fill-${at} { fill: var(--s${at}); } .key-${at} { color: var(--s${at}); }`,
  )
  .join('\n')}
svg .curve.series-1 { stroke-dasharray: 7 3; } svg .curve.series-2 { stroke-dasharray: 2 3; } svg .curve.series-3 { stroke-dasharray: 9 3 2 3; }
`;

const PRINT = `
@media print {
  :root { ${LIGHT} }
  html { color-scheme: light; } body { font-size: 11pt; }
  nav, .controls, .copy, .theme, .tip, button { display: none !important; }
  h2 { break-after: avoid; } figure, tr, .tile { break-inside: avoid; } .table, pre.story { overflow: visible; }
  pre.story { white-space: pre-wrap; } * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
`;

export const STYLE =
  `:root { ${LIGHT} }\n` +
  `@media (prefers-color-scheme: dark) { :root:not([data-theme="light"]) { ${DARK} } }\n` +
  `:root[data-theme="dark"] { ${DARK} color-scheme: dark; }\n` +
  `:root[data-theme="light"] { color-scheme: light; }\n` +
  PAGE +
  TABLES +
  CHARTS +
  PRINT;
