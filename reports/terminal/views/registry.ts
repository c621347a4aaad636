/** Every view: its name in the line of views, and who draws it. */
import type { Line } from '../line.ts';
import type { Action } from '../keys.ts';
import { KEYS } from '../keys.ts';
import type { Stage, ViewName } from '../state.ts';
import { compare } from './compare.ts';
import { events } from './events.ts';
import { inspect } from './inspect.ts';
import { log } from './log.ts';
import { members } from './members.ts';
import { messages } from './messages.ts';
import { overview } from './overview.ts';
import { services } from './services.ts';
import { lanes, operations } from './tables.ts';
import { why } from './why.ts';

export interface ViewSpec {
  readonly action: Action;
  /** Where the names of all views do not fit. */
  readonly short: string;
  readonly draw: (stage: Stage) => Line[];
  /** False: the scenario has nothing to show there. */
  readonly available: (stage: Stage) => boolean;
}

const always = (): boolean => true;
const hasServers = ({ processes }: Stage): boolean =>
  processes.some(({ kind }) => kind === 'server');

export const VIEWS: Readonly<Record<ViewName, ViewSpec>> = {
  overview: { action: 'overview', short: 'over', draw: overview, available: always },
  messages: { action: 'messages', short: 'msgs', draw: messages, available: always },
  log: { action: 'log', short: 'log', draw: log, available: hasServers },
  members: {
    action: 'members',
    short: 'memb',
    draw: members,
    available: ({ watched }) => watched.sights.hasMembers,
  },
  services: {
    action: 'services',
    short: 'serv',
    draw: services,
    available: ({ watched }) => watched.sights.hasServices,
  },
  operations: {
    action: 'operations',
    short: 'ops',
    draw: operations,
    available: ({ watched }) => watched.sights.hasOperations,
  },
  lanes: { action: 'lanes', short: 'lanes', draw: lanes, available: always },
  events: { action: 'events', short: 'events', draw: events, available: always },
  inspect: { action: 'inspect', short: 'host', draw: inspect, available: always },
  why: { action: 'why', short: 'why', draw: why, available: always },
  compare: {
    action: 'compare',
    short: 'cmp',
    draw: compare,
    available: ({ watched }) => watched.other !== null,
  },
};

/** Those that this run has, in the order of their keys. */
export function availableViews(stage: Stage): ViewName[] {
  return (Object.keys(VIEWS) as ViewName[]).filter((name) => VIEWS[name].available(stage));
}

/** The key that the line of views names. */
export function keyOf(name: ViewName): string {
  return KEYS[VIEWS[name].action].keys[0];
}
