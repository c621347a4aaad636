/** From what Ink says about a key press to the names of `keys.ts`. */
import type { Key as InkKey } from 'ink';
import type { Key } from './keys.ts';

const NAMED: readonly (readonly [keyof InkKey, Key])[] = [
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['pageUp', 'pageup'],
  ['pageDown', 'pagedown'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['escape', 'escape'],
  ['backspace', 'backspace'],
  ['delete', 'backspace'],
];

/** Keys that are pressed faster than they are read come in one piece. */
export function keysOf(input: string, key: InkKey): Key[] {
  if (key.tab) return [key.shift ? 'shift-tab' : 'tab'];
  const named = NAMED.find(([field]) => key[field] === true);
  if (named !== undefined) return [named[1]];
  if (key.ctrl) return input.length === 1 ? [`ctrl-${input}`] : [];
  return Array.from(input).flatMap((character): Key[] => {
    if (character === ' ') return ['space'];
    if (character === '\r' || character === '\n') return ['enter'];
    if (character === '\u0003') return ['ctrl-c'];
    if (character === '\u001a') return ['ctrl-z'];
    return character >= ' ' && character !== '\u007f' ? [character] : [];
  });
}
