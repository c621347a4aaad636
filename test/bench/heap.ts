/**
 * The event queue that one writes first: a binary heap of event objects, fresh for each event,
 * ordered by time and sequence number; cancelled events stay until their time. It is what the
 * kernel's queue is measured against, and the yardstick that is printed beside every figure.
 */
export class HeapEvent {
  readonly time: number;
  readonly sequence: number;
  readonly kind: number;
  readonly target: number;
  readonly a: number;
  readonly b: number;
  readonly generation: number;
  readonly cause: number;
  readonly body: unknown;
  cancelled = false;

  constructor(
    time: number,
    sequence: number,
    kind: number,
    target: number,
    a: number,
    b: number,
    generation: number,
    cause: number,
    body: unknown,
  ) {
    this.time = time;
    this.sequence = sequence;
    this.kind = kind;
    this.target = target;
    this.a = a;
    this.b = b;
    this.generation = generation;
    this.cause = cause;
    this.body = body;
  }
}

export class ObjectHeap {
  private readonly items: HeapEvent[] = [];
  private sequence = 0;

  push(
    time: number,
    kind: number,
    target: number,
    a: number,
    b: number,
    generation: number,
    cause: number,
    body: unknown,
  ): HeapEvent {
    const sequence = this.sequence++;
    const event = new HeapEvent(time, sequence, kind, target, a, b, generation, cause, body);
    this.items.push(event);
    this.siftUp(this.items.length - 1);
    return event;
  }

  /** The earliest event that is not cancelled; the heap must hold one. */
  pop(): HeapEvent {
    for (;;) {
      const first = this.items[0];
      const last = this.items.pop()!;
      if (this.items.length > 0) {
        this.items[0] = last;
        this.siftDown(0);
      }
      if (!first.cancelled) return first;
    }
  }

  private siftUp(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(this.items[at], this.items[parent])) return;
      this.swap(at, parent);
      at = parent;
    }
  }

  private siftDown(from: number): void {
    const { items } = this;
    let at = from;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      let least = at;
      if (left < items.length && before(items[left], items[least])) least = left;
      if (right < items.length && before(items[right], items[least])) least = right;
      if (least === at) return;
      this.swap(at, least);
      at = least;
    }
  }

  private swap(i: number, j: number): void {
    const kept = this.items[i];
    this.items[i] = this.items[j];
    this.items[j] = kept;
  }
}

function before(x: HeapEvent, y: HeapEvent): boolean {
  return x.time < y.time || (x.time === y.time && x.sequence < y.sequence);
}
