/** The timeline under the reader's hand: pointing tells, dragging zooms, keys do both. */
import { factsAt } from '../draw/facts.ts';
import { xOf } from '../draw/frame.ts';
import type { View } from '../draw/frame.ts';
import { drawTimeline } from '../draw/timeline.ts';
import type { Drawing, TimelineData } from '../draw/timeline.ts';
import { onWidth, pointIn, requireElement, showSvg, Tip, widthOf } from './elements.ts';

/** No view is shorter. */
const VIEW_MICROS_MIN = 2000;
const DRAG_PIXELS_MIN = 6;

class TimelineChart {
  private readonly figure: HTMLElement;
  private readonly svg: SVGSVGElement;
  private readonly status: HTMLElement;
  private readonly tip: Tip;
  private readonly data: TimelineData;
  private readonly whole: View;
  private view: View;
  private drawing: Drawing | null = null;
  private cursor: number | null = null;
  private dragFrom: number | null = null;

  constructor(figure: HTMLElement, data: TimelineData) {
    this.figure = figure;
    this.data = data;
    this.svg = requireElement<SVGSVGElement>(figure, 'svg');
    this.status = requireElement<HTMLElement>(figure, 'output');
    this.tip = new Tip(figure);
    this.whole = { from: 0, to: Math.max(1, data.picture.endMicros) };
    this.view = this.whole;
    requireElement<HTMLElement>(figure, '.controls').hidden = false;
    this.listen();
    onWidth(figure, () => this.draw());
  }

  private listen(): void {
    const { svg, figure } = this;
    for (const button of figure.querySelectorAll<HTMLButtonElement>('[data-zoom]')) {
      button.addEventListener('click', () => this.act(button.dataset['zoom'] ?? ''));
    }
    svg.addEventListener('pointermove', (event) => this.onMove(event));
    svg.addEventListener('pointerleave', () => {
      if (this.dragFrom === null) this.point(null);
    });
    svg.addEventListener('pointerdown', (event) => {
      if (event.button !== 0 || event.pointerType === 'touch') return;
      this.dragFrom = this.microsAt(event);
      svg.setPointerCapture(event.pointerId);
    });
    svg.addEventListener('pointerup', (event) => this.onDrop(event));
    svg.addEventListener('dblclick', () => this.look(this.whole));
    svg.addEventListener('keydown', (event) => {
      if (!this.act(event.key)) return;
      event.preventDefault();
    });
    svg.addEventListener('blur', () => this.point(null));
  }

  private microsAt(event: MouseEvent): number {
    const { left, right } = this.drawing!.frame;
    const { from, to } = this.view;
    const share = (pointIn(this.svg, event).x - left) / (right - left);
    return from + Math.min(1, Math.max(0, share)) * (to - from);
  }

  private onMove(event: PointerEvent): void {
    this.point(this.microsAt(event));
    const box = this.figure.getBoundingClientRect();
    const y = event.clientY - box.top;
    if (this.cursor !== null) this.tell(event.clientX - box.left, y);
  }

  private onDrop(event: PointerEvent): void {
    const { dragFrom } = this;
    this.dragFrom = null;
    if (dragFrom === null) return;
    const { frame } = this.drawing!;
    const to = this.microsAt(event);
    const pixels = Math.abs(xOf(frame, to) - xOf(frame, dragFrom));
    if (pixels < DRAG_PIXELS_MIN) return this.point(this.cursor);
    this.look({ from: Math.min(to, dragFrom), to: Math.max(to, dragFrom) });
  }

  /** What a key or button stands for; false where it stands for nothing. */
  private act(name: string): boolean {
    const { from, to } = this.view;
    const step = (to - from) / 40;
    const middle = this.cursor ?? (from + to) / 2;
    switch (name) {
      case 'ArrowLeft':
      case 'ArrowRight':
        this.stepCursor(middle + (name === 'ArrowLeft' ? -step : step));
        return true;
      case '+':
      case '=':
      case 'in':
        this.zoom(middle, 0.5);
        return true;
      case '-':
      case 'out':
        this.zoom(middle, 2);
        return true;
      case 'PageUp':
      case 'earlier':
        this.look({ from: from - (to - from) / 2, to: to - (to - from) / 2 });
        return true;
      case 'PageDown':
      case 'later':
        this.look({ from: from + (to - from) / 2, to: to + (to - from) / 2 });
        return true;
      case 'Home':
      case 'all':
        this.look(this.whole);
        return true;
      case 'Escape':
        this.point(null);
        return true;
      default:
        return false;
    }
  }

  private stepCursor(micros: number): void {
    const { from, to } = this.view;
    const span = to - from;
    if (micros < from || micros > to) this.look({ from: micros - span / 2, to: micros + span / 2 });
    this.point(Math.min(this.view.to, Math.max(this.view.from, micros)));
    const { frame } = this.drawing!;
    const scale = this.svg.clientWidth / frame.width;
    this.tell(xOf(frame, this.cursor!) * scale, 40);
    this.status.textContent = factsAt(this.data, frame, this.cursor!).join('; ');
  }

  private zoom(middle: number, factor: number): void {
    const { from, to } = this.view;
    this.look({ from: middle - (middle - from) * factor, to: middle + (to - middle) * factor });
  }

  /** Shows this part, as far as there is a run. */
  private look({ from, to }: View): void {
    const most = this.whole.to;
    const span = Math.min(most, Math.max(VIEW_MICROS_MIN, to - from));
    const begin = Math.min(most - span, Math.max(0, from));
    this.view = { from: begin, to: begin + span };
    this.draw();
    const all = span === most ? 'the whole run' : `${seconds(begin)} to ${seconds(begin + span)}`;
    this.status.textContent = `Shown: ${all}`;
  }

  private draw(): void {
    const width = widthOf(this.figure);
    this.drawing = drawTimeline(this.data, this.view, width);
    showSvg(this.svg, `${this.drawing.svg}<g class="over"></g>`, width, this.drawing.height);
    this.point(null);
  }

  private point(micros: number | null): void {
    this.cursor = micros;
    const { frame, height } = this.drawing!;
    const over = requireElement(this.svg, '.over');
    if (micros === null) {
      over.innerHTML = '';
      this.tip.hide();
      return;
    }
    const x = xOf(frame, micros);
    const line = `<line class="cursor" x1="${x}" x2="${x}" y1="0" y2="${height - 22}"/>`;
    if (this.dragFrom === null) {
      over.innerHTML = line;
      return;
    }
    const start = xOf(frame, this.dragFrom);
    const [low, size] = [Math.min(x, start), Math.abs(x - start)];
    over.innerHTML = `${line}<rect class="brush" x="${low}" width="${size}" y="0" height="${height - 22}"/>`;
  }

  private tell(x: number, y: number): void {
    this.tip.show(factsAt(this.data, this.drawing!.frame, this.cursor!), x, y);
  }
}

function seconds(micros: number): string {
  return `${(micros / 1e6).toFixed(3)} s`;
}

/** Brings a figure to life. */
export function attachTimelineChart(figure: HTMLElement, data: TimelineData): TimelineChart {
  return new TimelineChart(figure, data);
}
