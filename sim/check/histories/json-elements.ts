/** Finds the objects of a JSON file, one a line or all in one array, without parsing them. */

export interface JsonElement {
  readonly text: string;
  /** Line on which it starts, from 1. */
  readonly line: number;
}

/** Objects in order. What lies between them is not looked at; an object without an end is cut. */
export function jsonElements(text: string): JsonElement[] {
  const elements: JsonElement[] = [];
  let line = 1;
  let depth = 0;
  let start = 0;
  let startLine = 1;
  let inText = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x0a) {
      line++;
      // A text of JSON cannot span lines: one that seems to was never closed.
      if (inText) {
        inText = false;
        if (depth > 0) elements.push({ text: text.slice(start, at), line: startLine });
        depth = 0;
      }
    } else if (inText) {
      if (code === 0x5c) at++;
      else if (code === 0x22) inText = false;
    } else if (code === 0x22) {
      inText = true;
    } else if (code === 0x7b && depth++ === 0) {
      start = at;
      startLine = line;
    } else if (code === 0x7d && depth > 0 && --depth === 0) {
      elements.push({ text: text.slice(start, at + 1), line: startLine });
    }
  }
  if (depth > 0) elements.push({ text: text.slice(start), line: startLine });
  return elements;
}
