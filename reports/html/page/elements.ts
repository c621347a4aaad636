/** Parts of the page that its scripts work with. */

export function requireElement<T extends Element>(root: ParentNode, selector: string): T {
  const found = root.querySelector<T>(selector);
  if (found === null) throw new Error(`the page has no ${selector}`);
  return found;
}

/** Widths a picture is drawn for: what the figure has, within reason. */
export function widthOf(figure: Element): number {
  return Math.max(300, Math.min(1600, Math.round(figure.clientWidth)));
}

export function showSvg(svg: SVGSVGElement, text: string, width: number, height: number): void {
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
  svg.innerHTML = text;
}

/** A box beside the pointer. */
export class Tip {
  private readonly box: HTMLElement;
  private readonly figure: HTMLElement;

  constructor(figure: HTMLElement) {
    this.figure = figure;
    this.box = document.createElement('div');
    this.box.className = 'tip';
    this.box.hidden = true;
    figure.append(this.box);
  }

  show(lines: readonly string[], x: number, y: number): void {
    const [first, ...rest] = lines;
    this.box.replaceChildren();
    const head = document.createElement('b');
    head.textContent = first ?? '';
    this.box.append(head);
    for (const line of rest) {
      const element = document.createElement('div');
      element.textContent = line;
      this.box.append(element);
    }
    this.box.hidden = false;
    const room = this.figure.clientWidth;
    const left = x + 14 + this.box.offsetWidth > room ? x - this.box.offsetWidth - 14 : x + 14;
    this.box.style.left = `${Math.max(0, left)}px`;
    this.box.style.top = `${Math.max(0, y - 10)}px`;
  }

  hide(): void {
    this.box.hidden = true;
  }
}

/** Calls when the figure has another width, also the first time. */
export function onWidth(figure: Element, draw: () => void): void {
  let last = -1;
  new ResizeObserver(() => {
    const width = widthOf(figure);
    if (width === last) return;
    last = width;
    draw();
  }).observe(figure);
}

/** Where on the drawing the pointer is, in its own pixels. */
export function pointIn(svg: SVGSVGElement, event: MouseEvent): { x: number; y: number } {
  const box = svg.getBoundingClientRect();
  const scale = svg.viewBox.baseVal.width / Math.max(1, box.width);
  return { x: (event.clientX - box.left) * scale, y: (event.clientY - box.top) * scale };
}
