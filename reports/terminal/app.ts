/** The screen as an Ink component: every line is one text, as wide as the screen. */
import { Box, Text, useInput, useWindowSize } from 'ink';
import { createElement, useEffect, useReducer } from 'react';
import type { ReactElement } from 'react';
import type { Controller } from './controller.ts';
import { keysOf } from './input.ts';
import type { Key } from './keys.ts';
import type { Theme } from './theme.ts';

export interface AppProps {
  readonly controller: Controller;
  readonly theme: Theme;
  readonly onKeys: (keys: readonly Key[]) => void;
  /** Is given what draws a frame; what it returns is called at the end. */
  readonly onMount: (draw: () => void) => () => void;
  readonly onResize: () => void;
}

export function App({ controller, theme, onKeys, onMount, onResize }: AppProps): ReactElement {
  const [, draw] = useReducer((count: number) => count + 1, 0);
  const { columns, rows } = useWindowSize();
  useEffect(() => onMount(draw), [onMount]);
  useEffect(() => onResize(), [columns, rows, onResize]);
  useInput((input, key) => onKeys(keysOf(input, key)));
  const lines = controller.frame(columns, rows);
  return createElement(
    Box,
    { flexDirection: 'column', width: columns, height: rows },
    ...lines.map((line, at) =>
      createElement(Text, { key: at, wrap: 'truncate' }, theme.paint(line)),
    ),
  );
}
