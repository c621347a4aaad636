/** The space-time diagram: every event tells what led to it and what came of it. */
import type { Moment } from '../../../sim/explore/picture/moments.ts';
import type { View } from '../draw/frame.ts';
import { describeEvent, drawMoment, firstView, wholeView } from '../draw/spacetime.ts';
import type { MomentDrawing, MomentView, Spacing } from '../draw/spacetime.ts';
import { onWidth, pointIn, requireElement, showSvg, widthOf } from './elements.ts';

/** An event is meant within so many pixels. */
const REACH = 14;

class MomentChart {
  private readonly figure: HTMLElement;
  private readonly svg: SVGSVGElement;
  private readonly facts: HTMLElement;
  private readonly moment: Moment;
  private view: MomentView;
  private drawing: MomentDrawing | null = null;
  /** The chosen event stays when the pointer goes on. */
  private pinned = false;
  private drag: { readonly x: number; readonly view: View } | null = null;
  private dragged = false;

  constructor(figure: HTMLElement, moment: Moment) {
    this.figure = figure;
    this.moment = moment;
    this.svg = requireElement<SVGSVGElement>(figure, 'svg');
    this.facts = requireElement<HTMLElement>(figure, '.facts');
    this.view = { ...firstView(moment, 'even'), spacing: 'even', selected: null };
    requireElement<HTMLElement>(figure, '.controls').hidden = false;
    this.facts.hidden = false;
    this.listen();
    onWidth(figure, () => this.draw());
    this.tell();
  }

  private listen(): void {
    const { svg, figure } = this;
    for (const button of figure.querySelectorAll<HTMLButtonElement>('[data-zoom]')) {
      button.addEventListener('click', () => this.act(button.dataset['zoom'] ?? ''));
    }
    svg.addEventListener('pointermove', (event) => this.onMove(event));
    svg.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      this.drag = { x: event.clientX, view: this.view };
      this.dragged = false;
      svg.setPointerCapture(event.pointerId);
    });
    svg.addEventListener('pointerup', (event) => {
      this.drag = null;
      if (this.dragged) return;
      const row = this.rowAt(event);
      this.pinned = row !== null;
      this.choose(row);
    });
    svg.addEventListener('pointerleave', () => {
      if (!this.pinned && this.drag === null) this.choose(null);
    });
    svg.addEventListener('keydown', (event) => {
      if (this.act(event.key)) event.preventDefault();
    });
  }

  private onMove(event: PointerEvent): void {
    if (this.drag !== null) {
      const moved = event.clientX - this.drag.x;
      if (Math.abs(moved) < 4 && !this.dragged) return;
      this.dragged = true;
      const { from, to } = this.drag.view;
      const shift = (moved / Math.max(1, this.svg.clientWidth)) * (to - from);
      this.look({ from: from - shift, to: to - shift });
      return;
    }
    if (!this.pinned) this.choose(this.rowAt(event));
  }

  private rowAt(event: MouseEvent): number | null {
    const { x, y } = pointIn(this.svg, event);
    let best: number | null = null;
    let least = REACH;
    this.drawing!.points.forEach((point, row) => {
      const distance = Math.hypot(point.x - x, point.y - y);
      if (distance >= least) return;
      best = row;
      least = distance;
    });
    return best;
  }

  /** What a key or button stands for; false where it stands for nothing. */
  private act(name: string): boolean {
    const { moment, view } = this;
    const { spacing, selected } = view;
    const centre = moment.events.event.indexOf(moment.event);
    switch (name) {
      case 'ArrowLeft':
      case 'ArrowRight':
        return this.step(selected ?? centre, name === 'ArrowLeft' ? -1 : 1);
      case 'ArrowUp':
        return this.toParent(selected ?? centre);
      case '+':
      case '=':
      case 'in':
        return this.zoom(0.6);
      case '-':
      case 'out':
        return this.zoom(1 / 0.6);
      case 'earlier':
        return this.pan(-0.4);
      case 'later':
        return this.pan(0.4);
      case 'Home':
      case 'moment':
        this.view = { ...view, ...firstView(moment, spacing) };
        break;
      case 'all':
        this.view = { ...view, ...wholeView(moment, spacing) };
        break;
      case 'spacing': {
        const other: Spacing = spacing === 'even' ? 'time' : 'even';
        this.view = { ...view, ...firstView(moment, other), spacing: other };
        break;
      }
      case 'Escape':
        this.pinned = false;
        this.choose(null);
        return true;
      default:
        return false;
    }
    this.draw();
    return true;
  }

  private step(from: number, by: number): boolean {
    const row = Math.min(this.moment.events.event.length - 1, Math.max(0, from + by));
    return this.goTo(row);
  }

  /** To what the event is due to. */
  private toParent(from: number): boolean {
    const { parents, event } = this.moment.events;
    const [first] = parents[from] ?? [];
    return first === undefined ? true : this.goTo(event.indexOf(first));
  }

  private goTo(row: number): boolean {
    this.pinned = true;
    const { from, to, spacing } = this.view;
    const at = spacing === 'even' ? row : this.moment.events.time[row]!;
    const half = (to - from) / 2;
    if (at < from || at > to) this.view = { ...this.view, from: at - half, to: at + half };
    this.choose(row);
    return true;
  }

  private zoom(factor: number): boolean {
    const { from, to, selected, spacing } = this.view;
    const { event, time } = this.moment.events;
    const row = selected ?? event.indexOf(this.moment.event);
    const at = spacing === 'even' ? row : time[row]!;
    const middle = at >= from && at <= to ? at : (from + to) / 2;
    this.look({ from: middle - (middle - from) * factor, to: middle + (to - middle) * factor });
    return true;
  }

  private pan(share: number): boolean {
    const { from, to } = this.view;
    this.look({ from: from + (to - from) * share, to: to + (to - from) * share });
    return true;
  }

  private look({ from, to }: View): void {
    const whole = wholeView(this.moment, this.view.spacing);
    const least = this.view.spacing === 'even' ? 4 : 20;
    const span = Math.min(whole.to - whole.from, Math.max(least, to - from));
    const begin = Math.min(whole.to - span, Math.max(whole.from, from));
    this.view = { ...this.view, from: begin, to: begin + span };
    this.draw();
  }

  private choose(row: number | null): void {
    this.view = { ...this.view, selected: row };
    this.draw();
    this.tell();
  }

  private draw(): void {
    const width = widthOf(this.figure);
    this.drawing = drawMoment(this.moment, this.view, width);
    showSvg(this.svg, this.drawing.svg, width, this.drawing.height);
  }

  private tell(): void {
    const { moment, view } = this;
    const row = view.selected ?? moment.events.event.indexOf(moment.event);
    const lines = row < 0 ? [moment.title] : describeEvent(moment, row);
    this.facts.replaceChildren(
      ...lines.map((line) => {
        const element = document.createElement('p');
        element.textContent = line;
        return element;
      }),
    );
  }
}

/** Brings a figure to life. */
export function attachMomentChart(figure: HTMLElement, moment: Moment): MomentChart {
  return new MomentChart(figure, moment);
}
