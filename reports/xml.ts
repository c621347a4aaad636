/** XML as text: elements with attributes, escaped, without what XML 1.0 cannot hold. */

export type Attributes = Readonly<Record<string, string | number>>;

/** One element, indented; text content stays on its line. */
export function element(
  name: string,
  attributes: Attributes,
  content: string | readonly string[] = [],
): string {
  const list = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(value)}"`);
  const open = `<${name}${list.join('')}`;
  if (typeof content === 'string') return `${open}>${escapeXml(content)}</${name}>`;
  if (content.length === 0) return `${open}/>`;
  const inner = content.map((child) => indent(child));
  return `${open}>\n${inner.join('\n')}\n</${name}>`;
}

/** Lines of text content are not moved: they belong to the content. */
function indent(child: string): string {
  return `  ${child.replaceAll(/\n(?=\s*<\/?\w)/g, '\n  ')}`;
}

/** Tab and line break, and everything from the space on but the two that are no characters. */
const ALLOWED = /[\t\n\u0020-\ufffd]/;

function escapeXml(value: string | number): string {
  return [...String(value)]
    .filter((character) => ALLOWED.test(character))
    .join('')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
