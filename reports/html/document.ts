/** The page around the sections: one file, nothing from the network. */
import { escape } from './draw/markup.ts';
import { pageScript } from './script.ts';
import { STYLE } from './style.ts';

export interface Section {
  /** For links within the page. */
  readonly id: string;
  readonly title: string;
  readonly html: string;
}

export interface Page {
  readonly title: string;
  /** What stands above the sections. */
  readonly head: string;
  readonly sections: readonly Section[];
  readonly foot: string;
  /** For the scripts of the page. */
  readonly data: unknown;
}

/** Patterns of spans without a leader, or in which a process was paused. */
const PATTERNS =
  '<svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs>' +
  '<pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">' +
  '<line class="hatch-line" x1="0" y1="0" x2="0" y2="7"/></pattern>' +
  '<pattern id="dashes" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">' +
  '<line class="pause-line" x1="0" y1="0" x2="0" y2="6"/></pattern></defs></svg>';

export function documentOf({ title, head, sections, foot, data }: Page): string {
  const links = sections.map(({ id, title: name }) => `<a href="#${id}">${escape(name)}</a>`);
  const body = sections.map(
    ({ id, title: name, html }) =>
      `<section aria-labelledby="${id}"><h2 id="${id}">${escape(name)}</h2>\n${html}</section>\n`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="lictor">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
<title>${escape(title)}</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<a class="skip" href="#content">To the content</a>
${PATTERNS}
<header class="top">
${head}
<nav aria-label="Sections">${links.join('')}<button type="button" class="theme" hidden>Dark or light</button></nav>
</header>
<main id="content">
${body.join('')}</main>
<footer>${foot}</footer>
<script type="application/json" id="data">${asScript(data)}</script>
<script type="module">
${pageScript()}
</script>
</body>
</html>
`;
}

/** JSON that ends no script element. */
function asScript(data: unknown): string {
  return JSON.stringify(data).replaceAll('<', '\\u003c');
}
