/** Fits a report to the height of a screen: what matters least loses lines first. */

export interface Section {
  /** Word in the left column of the first line; "" for lines that stand by themselves. */
  readonly title: string;
  readonly lines: readonly string[];
  /** Lines that stay whatever happens. */
  readonly least: number;
  /** Sections with a smaller weight are cut first. */
  readonly weight: number;
  /** Loses lines after its first one, not at its end: a story matters most where it ends. */
  readonly keepsEnd?: boolean;
}

const TITLE_WIDTH = 13;

/** Width that is left for the lines of a section. */
export function bodyWidth(columns: number): number {
  return columns - TITLE_WIDTH;
}

/**
 * Lines of all sections, at most `rows` of them where the sections' `least` allow it. A section that
 * was cut says how many lines are missing. `rows` null is a pipe: nothing is cut.
 */
export function fit(
  sections: readonly Section[],
  rows: number | null,
  title: (text: string) => string,
): string[] {
  const shown = sections.filter(({ lines }) => lines.length > 0);
  const heights = shown.map(({ lines }) => lines.length);
  let total = heights.reduce((sum, height) => sum + height, 0);
  const byWeight = shown
    .map((_, i) => i)
    .sort((a, b) => shown[a]!.weight - shown[b]!.weight || b - a);
  for (const i of byWeight) {
    const excess = rows === null ? 0 : total - rows;
    const spare = Math.max(0, Math.min(excess, heights[i]! - shown[i]!.least));
    heights[i] = heights[i]! - spare;
    total -= spare;
  }
  return shown.flatMap((section, i) => {
    const lines = cut(section, heights[i]!);
    if (section.title === '') return lines;
    return lines.map((line, row) => {
      const text = row === 0 ? section.title : '';
      return `${title(text)}${' '.repeat(TITLE_WIDTH - text.length)}${line}`.trimEnd();
    });
  });
}

function cut({ lines, keepsEnd }: Section, height: number): readonly string[] {
  if (height >= lines.length) return lines;
  if (height === 0) return [];
  const missing = lines.length - height + 1;
  if (keepsEnd === true && height > 2) {
    return [lines[0]!, `  (${missing} more before)`, ...lines.slice(lines.length - height + 2)];
  }
  if (height === 1) return [`${lines.length} lines left out for want of room`];
  return [...lines.slice(0, height - 1), `and ${missing} more`];
}
