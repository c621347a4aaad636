/**
 * Colours of reports. Blue and orange, which every kind of colour vision tells apart; and never
 * colour alone: whatever is painted also says it in words.
 */

export interface Paint {
  good(text: string): string;
  bad(text: string): string;
  warn(text: string): string;
  strong(text: string): string;
  faint(text: string): string;
}

const RESET = '\u001b[0m';

function painter(code: string): (text: string) => string {
  return (text) => (text === '' ? '' : `\u001b[${code}m${text}${RESET}`);
}

const same = (text: string): string => text;

export const PLAIN: Paint = { good: same, bad: same, warn: same, strong: same, faint: same };

export const COLOURED: Paint = {
  good: painter('94'),
  bad: painter('1;38;5;208'),
  warn: painter('33'),
  strong: painter('1'),
  faint: painter('2'),
};

const ESCAPES = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');

/** The text as it is seen: without colours. */
export function unpainted(text: string): string {
  return text.replaceAll(ESCAPES, '');
}

export function widthOf(text: string): number {
  return unpainted(text).length;
}
