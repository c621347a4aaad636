/**
 * Add, remove and demote servers, and hand over leadership: what an operator asks of the leader, once.
 * Nothing is undone at the end; a removed server runs on, and knows of its removal or not.
 */
import { ErrorCause } from '../core/machine.ts';
import { ChangeCommand } from '../protocol/raft/configuration.ts';
import type { ConfigurationChange } from '../protocol/raft/configuration.ts';
import { CHANGE, TRANSFER } from '../protocol/raft/vocabulary.ts';
import type { FaultContext, ServerRef } from './context.ts';
import type { Aim } from './selectors.ts';
import type { ActionKind, ActionOf, Verb } from './verb.ts';

export interface AskedHeld {
  readonly kind: 'asked';
  /** Requests that a running server has taken. */
  readonly taken: number;
}

type Change = 'add' | 'remove' | 'demote';

/** Nobody waits for the answer: what comes of it shows in the configuration. */
const NOBODY = -1;

export function serversAmong(hosts: readonly number[], { servers }: FaultContext): ServerRef[] {
  return servers.filter(({ host }) => hosts.includes(host));
}

/** False where nobody takes it: the server is down, or its channel is full. */
function ask(
  { world }: FaultContext,
  server: ServerRef,
  input: number,
  from: number,
  body: unknown,
): boolean {
  const process = world.processes[server.process];
  if (process.status === 'down') return false;
  return world.offer(process, input, 0, from, body, ErrorCause.none);
}

/** A verb that asks once, and counts the requests that were taken. */
export function asked<K extends ActionKind>(
  begin: (action: ActionOf<K>, aim: Aim, context: FaultContext) => number,
): Verb<ActionOf<K>, AskedHeld> {
  return {
    begin(action, aim, { context }) {
      return { held: { kind: 'asked', taken: begin(action, aim, context) }, over: true };
    },
    affected: ({ taken }) => taken,
    end: ({ taken }) => taken,
  };
}

/** One change for each server that is meant: the leader takes them one after the other. */
function changes(command: (action: ActionOf<Change>) => ChangeCommand) {
  return (action: ActionOf<Change>, aim: Aim, context: FaultContext): number => {
    const [leader] = serversAmong(aim.get(action.leader)!, context);
    const targets = serversAmong(aim.get(action.hosts)!, context);
    if (leader === undefined) return 0;
    return targets.filter(({ process: server }) => {
      const change = { command: command(action), server, previousIndex: 0, tag: NOBODY };
      return ask(context, leader, CHANGE, 0, change satisfies ConfigurationChange);
    }).length;
  };
}

export const add: Verb<ActionOf<'add'>, AskedHeld> = asked<'add'>(
  changes((action) =>
    action.kind === 'add' && action.suffrage === 'nonvoter'
      ? ChangeCommand.addNonvoter
      : ChangeCommand.addVoter,
  ),
);

export const remove: Verb<ActionOf<'remove'>, AskedHeld> = asked<'remove'>(
  changes(() => ChangeCommand.removeServer),
);

export const demote: Verb<ActionOf<'demote'>, AskedHeld> = asked<'demote'>(
  changes(() => ChangeCommand.demoteVoter),
);

export const transfer: Verb<ActionOf<'transfer'>, AskedHeld> = asked<'transfer'>(
  ({ hosts, to }, aim, context) => {
    const [target] = to === null ? [] : serversAmong(aim.get(to)!, context);
    const process = target?.process ?? NOBODY;
    const from = serversAmong(aim.get(hosts)!, context);
    return from.filter((server) => ask(context, server, TRANSFER, NOBODY, process)).length;
  },
);
