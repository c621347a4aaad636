/** Everything that a screen may ask of a run, as plain data. */
import { poolsOf } from '../../check/gossip/members.ts';
import { Transcript } from '../../core/transcript.ts';
import type { Execution } from '../execution.ts';
import { callLoads } from './calls.ts';
import { processPicture } from './changes.ts';
import { allRows, noteRows } from './happenings.ts';
import type { Happening, NoteRow } from './happenings.ts';
import { happeningAt } from './happenings.ts';
import { Landmarks } from './landmarks.ts';
import { laneRows } from './lanes.ts';
import type { LaneRow } from './lanes.ts';
import { lastIndexOfAll, logRows } from './logs.ts';
import type { LogRow } from './logs.ts';
import { memberViews, membersSeenBy } from './members.ts';
import type { MemberRow, MemberViews } from './members.ts';
import { messageRows } from './messages.ts';
import type { MessageRow } from './messages.ts';
import { operationRows, summaryOf } from './operations.ts';
import type { OperationRow, OperationSummary } from './operations.ts';
import { reachRows } from './reach.ts';
import type { ReachRow } from './reach.ts';
import { serverRows, statusOf } from './servers.ts';
import { hasServices, serviceViews } from './services.ts';
import type { ServiceViews } from './services.ts';
import type { ServerRow } from './servers.ts';

export type ProcessKind = 'server' | 'agent' | 'client' | 'instance' | 'other';

export interface ProcessRow {
  readonly index: number;
  readonly name: string;
  readonly host: string;
  readonly kind: ProcessKind;
  readonly status: string;
}

export interface FaultRow {
  readonly label: string;
  readonly sinceMicros: number;
}

export class Sights {
  private readonly execution: Execution;
  private readonly landmarks: Landmarks;
  private readonly transcript: Transcript;

  constructor(execution: Execution, landmarks = new Landmarks(execution)) {
    this.execution = execution;
    this.landmarks = landmarks;
    this.transcript = new Transcript(execution.world);
  }

  processes(): ProcessRow[] {
    const { world, scenario } = this.execution;
    return world.processes.map((process) => ({
      index: process.index,
      name: process.name,
      host: process.host.name,
      kind: (scenario.hosts[process.index] ?? scenario.hosts[process.host.index])?.kind ?? 'other',
      status: statusOf(process),
    }));
  }

  /** `now` may lie between two events. */
  servers(now?: number): ServerRow[] {
    return serverRows(this.execution, now);
  }

  reach(hostsMax: number): ReachRow[] {
    return reachRows(this.execution, hostsMax);
  }

  faults(): FaultRow[] {
    return this.execution.faults.inForce().map(({ label, since }) => ({
      label,
      sinceMicros: Math.round(since * 1e6),
    }));
  }

  get hasMembers(): boolean {
    return poolsOf(this.execution.world).length > 0;
  }

  /** Null where there is no pool. */
  members(): MemberViews | null {
    return memberViews(this.execution);
  }

  membersSeenBy(process: number): MemberRow[] | null {
    return membersSeenBy(this.execution, process);
  }

  get hasServices(): boolean {
    return hasServices(this.execution.world);
  }

  /** Null where there are none. */
  services(): ServiceViews | null {
    return serviceViews(this.execution.world);
  }

  messages(count: number, fits: (message: MessageRow) => boolean): MessageRow[] {
    return messageRows(this.execution.world, count, fits);
  }

  lastIndex(): number {
    return lastIndexOfAll(this.execution);
  }

  logs(from: number, to: number): LogRow[] {
    return logRows(this.execution, from, to);
  }

  /** Somebody records what it asks and is told. */
  get hasOperations(): boolean {
    const { scenario, world } = this.execution;
    return scenario.loads.length > 0 || callLoads(world).size > 0;
  }

  operations(count: number): OperationRow[] {
    return operationRows(this.execution, count);
  }

  operationSummary(count: number): OperationSummary {
    return summaryOf(this.operations(count));
  }

  lanes(wanted: (process: number) => boolean): LaneRow[] {
    return laneRows(this.execution, wanted);
  }

  /** Detail 0 is what a reader follows the story by, 1 also what comes with every message. */
  notes(count: number, detail: 0 | 1, fits: (note: NoteRow) => boolean = () => true): NoteRow[] {
    const { world } = this.execution;
    const rows = detail === 0 ? this.landmarks.toldRows() : allRows(world);
    return noteRows(world, this.transcript, count, rows, fits);
  }

  /** The latest events that fit, oldest first. */
  events(count: number, fits: (happening: Happening) => boolean): Happening[] {
    const rows: Happening[] = [];
    const { event } = this.execution.world;
    for (let at = event; at > Math.max(0, event - 5_000) && rows.length < count; at--) {
      const happening = happeningAt(this.execution, at, this.transcript);
      if (fits(happening)) rows.push(happening);
    }
    return rows.reverse();
  }

  /** `machine field` and value, of one process. */
  fields(process: number): readonly (readonly [string, string | number | boolean | null])[] {
    return [...processPicture(this.execution.world, process)];
  }
}
