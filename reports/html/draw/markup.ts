/** Text of HTML and SVG. */

/** Safe in text and in quoted attributes. */
export function escape(text: string | number): string {
  return String(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** Rough width of a text of 11 px: a picture is drawn where nothing can be measured. */
export function textWidth(text: string): number {
  return text.length * 6.2;
}

/** The longest of the wordings, best first, that fits; "" when none does. */
export function fitting(wordings: readonly string[], width: number): string {
  return wordings.find((wording) => textWidth(wording) + 6 <= width) ?? '';
}

/** Coordinates need no more digits than a screen shows. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
