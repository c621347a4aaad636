/** Tables: copied as text with tabs, and the matrix shown for one class of messages. */
import type { MessageMatrix } from '../../../sim/explore/picture/matrix.ts';
import { formatCount } from '../../format.ts';
import { requireElement } from './elements.ts';

export function makeCopyable(root: ParentNode): void {
  for (const button of root.querySelectorAll<HTMLButtonElement>('button.copy')) {
    const label = button.textContent;
    button.hidden = false;
    button.addEventListener('click', () => {
      void copyText(textOf(button)).then((done) => {
        button.textContent = done ? 'Copied' : 'Select it, and copy it by hand';
        setTimeout(() => (button.textContent = label), 1800);
      });
    });
  }
}

/** What a button copies: its own text, or the table before it. */
function textOf(button: HTMLButtonElement): string {
  const own = button.dataset['text'];
  if (own !== undefined) return own;
  const rows = button.previousElementSibling?.querySelectorAll('tr') ?? [];
  return [...rows]
    .map((row) => [...row.children].map((cell) => cell.textContent.trim()).join('\t'))
    .join('\n');
}

/** A page that was opened from a file may not use the clipboard; the older way still works there. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    return done;
  }
}

export function connectMatrix(
  figure: HTMLElement,
  { names, classes, counts }: MessageMatrix,
): void {
  const select = requireElement<HTMLSelectElement>(figure, 'select');
  requireElement<HTMLElement>(figure, '.controls').hidden = false;
  const cells = [...figure.querySelectorAll<HTMLElement>('tbody td')];
  select.addEventListener('change', () => {
    const at = classes.indexOf(select.value);
    const shown = names.flatMap((_, row) =>
      names.map((__, column) => {
        const place = row * names.length + column;
        if (at >= 0) return counts[at]![place]!;
        return counts.reduce((sum, own) => sum + own[place]!, 0);
      }),
    );
    const most = Math.max(1, ...shown);
    cells.forEach((cell, place) => {
      const count = shown[place]!;
      cell.textContent = count === 0 ? '' : formatCount(count);
      cell.style.setProperty('--share', String(Math.round((count / most) * 100)));
    });
  });
}
