/**
 * Coordinates on a server (`consul:agent/consul/coordinate_endpoint.go (Update, batchUpdate,
 * batchApplyUpdates)`; reference: gossip §3.4): what nodes tell of themselves waits on the leader, the
 * latest of each, and goes through Raft every 5 s in batches. The server's own agent tells too.
 *
 * A look at nothing does nothing, so the timer is set only while something waits.
 *
 * Known deviations: the server's own agent does not wait for the answer before its next interval
 * begins. A batch that Raft takes late is given up when Raft comes to it, not after 30 s sharp.
 */
import { hashString, mix } from '../../core/fingerprint.ts';
import type { Machine, Outbox, View } from '../../core/machine.ts';
import { ApplyError, commandProposal, proposerTag } from '../../protocol/raft/types.ts';
import type { ApplyResult } from '../../protocol/raft/types.ts';
import { APPLY } from '../../protocol/raft/vocabulary.ts';
import { COORDINATE_UPDATE } from '../requests/endpoints.ts';
import { RPC_WRITE } from '../requests/inputs.ts';
import { request } from '../requests/request.ts';
import type { CoordinatesCommand } from '../state/commands.ts';
import type { Coordinate } from '../state/rows.ts';
import { drawSendDelay, ownCoordinate } from './own.ts';
import * as Kind from './vocabulary.ts';
import { CoordinateNote } from './vocabulary.ts';

/** `consul:agent/consul/config.go (CoordinateUpdatePeriod, ...BatchSize, ...MaxBatches)`. */
const FLUSH_MICROS = 5_000_000;
const BATCH_MAX = 128;
const BATCHES_MAX = 5;
/** `consul:agent/consul/rpc.go (enqueueLimit)`. */
const ENQUEUE_MICROS = 30_000_000;
const NANOS = 1e9;
/** A formed cluster starts at the very beginning, and has been running for a while. */
const FORMED_MICROS = 1_000_000;

export interface CoordinateMachineConfig {
  /** Name of the server's node in the catalog. */
  readonly node: string;
  readonly formed: boolean;
  /** Its own coordinate goes to the catalog; `disable_coordinates` keeps it from that. */
  readonly sends: boolean;
}

export interface CoordinateState {
  readonly config: CoordinateMachineConfig;
  /** The latest of each node, by its name. */
  updates: Map<string, Coordinate>;
  /** Batches of the flush under way that Raft has not applied. */
  left: readonly (readonly Coordinate[])[];
  /** Proposals made; a flush waits for the answer to the last. */
  proposals: number;
  /** When the last wait of 5 s began. */
  sinceMicros: number;
  armed: boolean;
}

function create(config: CoordinateMachineConfig): CoordinateState {
  return { config, updates: new Map(), left: [], proposals: 0, sinceMicros: 0, armed: false };
}

function onStart(state: CoordinateState, out: Outbox): void {
  const { formed, sends } = state.config;
  const now = out.now();
  const draws = out.draw('coordinate');
  const delay = drawSendDelay(draws, out);
  const ran = formed && now < FORMED_MICROS;
  state.sinceMicros = ran ? now - draws.below(FLUSH_MICROS) : now;
  if (sends) out.timer(Kind.SEND_TIMER, 0, ran ? draws.below(delay) : delay);
}

/** Within the program: nothing is sent, and nobody waits for the answer. */
function onSendTimer({ config }: CoordinateState, out: Outbox): void {
  out.timer(Kind.SEND_TIMER, 0, drawSendDelay(out.draw('coordinate'), out));
  out.post(RPC_WRITE, 0, 0, request(COORDINATE_UPDATE, ownCoordinate(config.node, out)));
}

function onUpdate(state: CoordinateState, coordinate: Coordinate, out: Outbox): void {
  state.updates.set(coordinate.node, coordinate);
  arm(state, out);
}

/** Looks come every 5 s from when the last flush ended. */
function arm(state: CoordinateState, out: Outbox): void {
  if (state.armed || state.left.length > 0) return;
  state.armed = true;
  const passed = out.now() - state.sinceMicros;
  out.timer(Kind.FLUSH_TIMER, 0, FLUSH_MICROS - (passed % FLUSH_MICROS));
}

function onFlushTimer(state: CoordinateState, out: Outbox): void {
  state.armed = false;
  const pending = [...state.updates.values()];
  state.updates = new Map();
  const most = BATCH_MAX * BATCHES_MAX;
  if (pending.length > most) {
    // Which ones is left to Go's order of maps.
    out.draw('coordinate').shuffle(pending);
    out.note(CoordinateNote.dropped, pending.length - most, 0, 0);
    pending.length = most;
  }
  const batches: Coordinate[][] = [];
  for (let at = 0; at < pending.length; at += BATCH_MAX) {
    batches.push(pending.slice(at, at + BATCH_MAX));
  }
  out.note(CoordinateNote.flushed, pending.length, 0, 0);
  state.left = batches;
  propose(state, out);
}

function propose(state: CoordinateState, out: Outbox): void {
  const tag = proposerTag(Kind.COORDINATE_MACHINE, ++state.proposals);
  const command = coordinatesCommand(state.left[0]);
  out.post(APPLY, 0, 0, commandProposal(command, tag, out.now() + ENQUEUE_MICROS));
}

/** Seconds count by their nanoseconds. */
function digestOf({ node, vector, error, adjustment, height }: Coordinate): number {
  let digest = hashString(node);
  for (const seconds of vector) digest = mix(digest, seconds * NANOS);
  return mix(mix(mix(digest, error * NANOS), adjustment * NANOS), height * NANOS);
}

function coordinatesCommand(updates: readonly Coordinate[]): CoordinatesCommand {
  const digest = updates.reduce((sum, one) => mix(sum, digestOf(one)), 19);
  return { op: 'coordinates', updates, digest };
}

/** The first batch that fails takes the others with it. */
function onAnswered(state: CoordinateState, { error }: ApplyResult, out: Outbox): void {
  if (error !== ApplyError.none) {
    const lost = state.left.reduce((sum, batch) => sum + batch.length, 0);
    out.note(CoordinateNote.failed, error, lost, 0);
    state.left = [];
  } else {
    state.left = state.left.slice(1);
  }
  if (state.left.length > 0) {
    propose(state, out);
    return;
  }
  state.sinceMicros = out.now();
  if (state.updates.size > 0) arm(state, out);
}

function onInput(
  state: CoordinateState,
  input: number,
  from: number,
  body: unknown,
  out: Outbox,
): void {
  switch (input) {
    case Kind.ANSWERED:
      if (from === state.proposals) onAnswered(state, body as ApplyResult, out);
      return;
    case Kind.UPDATE:
      onUpdate(state, body as Coordinate, out);
      return;
    case Kind.FLUSH_TIMER:
      onFlushTimer(state, out);
      return;
    case Kind.SEND_TIMER:
      onSendTimer(state, out);
  }
}

function view({ updates, left }: CoordinateState): View {
  return { updates: updates.size, batches: left.length };
}

export const coordinateMachine: Machine<CoordinateState, null> = {
  name: 'coordinates',
  number: Kind.COORDINATE_MACHINE,
  lanes: Kind.COORDINATE_LANES,
  inputs: Kind.COORDINATE_INPUTS,
  notes: Kind.COORDINATE_NOTES,
  create,
  onStart,
  onInput,
  onResume: () => {},
  createDurable: () => null,
  applyWrite: () => {},
  view,
  save: (state) => ({ ...state, updates: new Map(state.updates) }),
  saveDurable: () => null,
};
