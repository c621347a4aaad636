/** The screen as an Ink component: every line is one text, as wide as the screen. */
import { Box, Text, useApp, useInput, useWindowSize } from 'ink';
import { createElement, useEffect, useReducer } from 'react';
import type { ReactElement } from 'react';
import type { Controller } from './controller.ts';
import { keysOf } from './input.ts';
import type { Key } from './keys.ts';
import type { Theme } from './theme.ts';

export interface ScreenAsks {
  /** Draws a frame. */
  readonly draw: () => void;
  /** Gives the terminal back while something else runs, then draws all anew. */
  readonly suspend: (during: () => Promise<void>) => Promise<void>;
}

export interface AppProps {
  readonly controller: Controller;
  readonly theme: Theme;
  readonly onKeys: (keys: readonly Key[]) => void;
  /** Is given what it can ask of the screen; what it returns is called at the end. */
  readonly onMount: (asks: ScreenAsks) => () => void;
  readonly onResize: () => void;
}

export function App({ controller, theme, onKeys, onMount, onResize }: AppProps): ReactElement {
  const [, draw] = useReducer((count: number) => count + 1, 0);
  const { columns, rows } = useWindowSize();
  const { suspendTerminal } = useApp();
  useEffect(() => onMount({ draw, suspend: suspendTerminal }), [onMount, suspendTerminal]);
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
