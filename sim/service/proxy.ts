/**
 * The proxy beside a program: it holds what its agent has told it last, and asks for what is newer; when
 * the agent does not answer it goes on with what it has (xDS; `hashicorp/consul:agent/proxycfg`,
 * `envoyproxy/envoy:source/extensions/config_subscription/grpc`).
 */
import type { InputSpec, LaneSpec, Machine, NoteSpec, Outbox, View } from '../core/machine.ts';
import { ErrorCause } from '../core/machine.ts';
import type { Hello, ProxyConfig } from './mesh.ts';

export const PROXY_MACHINE = 0x1e;
const ANSWERED = 0x1e01;
const AGAIN = 0x1e02;

/** Beyond any run: a stream does not end by itself. */
const PATIENCE_MICROS = 3_600_000_000_000;
/** Envoy's backoff of streams to its control plane, with full jitter. */
const BACKOFF_MICROS = 500_000;
const BACKOFF_MICROS_MAX = 30_000_000;

export interface ProxySettings {
  /** Process of the agent, and the input that it is asked by. */
  readonly agent: number;
  readonly watch: number;
  /** In whose name it calls, or whom it stands before. */
  readonly service: string;
}

export interface ProxyState {
  readonly settings: ProxySettings;
  config: ProxyConfig | null;
  failures: number;
}

export const ProxyNote = {
  /** a: version. */
  configured: 0x1e01,
} as const;

const LANES: readonly LaneSpec[] = [{ name: 'proxy', channels: [{ name: 'events', capacity: 0 }] }];
const INPUTS: readonly (InputSpec | undefined)[] = [
  undefined,
  { name: 'configuration', lane: 0, channel: 0 },
  { name: 'again', lane: 0, channel: 0 },
];
const NOTES: readonly (NoteSpec | undefined)[] = [
  undefined,
  { name: 'proxy configured', detail: 1, text: (version) => `version=${version}` },
];

function ask({ settings, config }: ProxyState, out: Outbox): void {
  const { agent, watch, service } = settings;
  const version = config?.version ?? 0;
  out.request(agent, watch, { service, version }, PATIENCE_MICROS, ANSWERED, 0);
}

function onInput(state: ProxyState, input: number, _from: number, body: unknown, out: Outbox) {
  if (input === AGAIN) {
    ask(state, out);
  } else if (out.error === ErrorCause.none) {
    state.failures = 0;
    state.config = body as ProxyConfig;
    out.note(ProxyNote.configured, state.config.version, 0, 0);
    ask(state, out);
  } else {
    const doublings = Math.min(state.failures++, 10);
    const micros = Math.min(BACKOFF_MICROS * (1 << doublings), BACKOFF_MICROS_MAX);
    out.timer(AGAIN, 0, 1 + out.draw('proxy').below(micros));
  }
}

/** What the proxy beside a caller brings; null: it has no certificate. */
export function helloOf(out: Outbox): Hello | null {
  const config = configOf(out);
  if (config === null) return null;
  return { leaf: config.leaf, trusted: config.trusted, wallMicros: out.wall() };
}

export function configOf(out: Outbox): ProxyConfig | null {
  return (out.sibling(PROXY_MACHINE) as ProxyState).config;
}

function view({ config, failures }: ProxyState): View {
  return { version: config?.version ?? 0, root: config?.leaf.root ?? '', failures };
}

export const proxyMachine: Machine<ProxyState, null> = {
  name: 'proxy',
  number: PROXY_MACHINE,
  lanes: LANES,
  inputs: INPUTS,
  notes: NOTES,
  create: (settings: ProxySettings) => ({ settings, config: null, failures: 0 }),
  onStart: ask,
  onInput,
  onResume: () => {},
  createDurable: () => null,
  applyWrite: () => {},
  view,
  save: (state) => ({ ...state }),
  saveDurable: () => null,
};
