/** The service mesh with every default filled in, and what needs one. */
import type { ScenarioDraft } from '../schema.ts';
import type { MeshSpec } from '../spec/mesh.ts';
import { isPlainMap } from '../schema/kit.ts';
import type { Path } from '../tree.ts';
import { isAlone } from './hosts.ts';
import type { Complain } from './hosts.ts';

const NO_MESH = 'acts on the service mesh; write mesh: {}';
const VERBS = ['rotate_ca', 'ca_outage', 'intention'] as const;
/** An intermediate, which must outlive three leaves, lives for a year (`CommonCAProviderConfig`). */
const TTL_MICROS_MIN = 3600 * 1_000_000;
const TTL_MICROS_MAX = 2920 * TTL_MICROS_MIN;
/** Share of its life below which no certificate is due. */
const FRESH_SHARE = 0.6;

export function resolveMesh(draft: ScenarioDraft, complain: Complain): MeshSpec | null {
  const { mesh } = draft;
  if (mesh === undefined) {
    refuseAll(draft, complain);
    return null;
  }
  if (isAlone(draft)) {
    complain(['mesh'], 'the authority is built on Raft; remove it, or raft: { alone: true }');
  }
  if (Object.values(draft.cluster.datacenters).filter((one) => one !== undefined).length > 1) {
    complain(['mesh'], 'authorities that sign for other datacenters are not modelled; keep one');
  }
  const { ca_config: config, leaf_age: age } = mesh;
  const ttl = config.leaf_cert_ttl;
  if (ttl < TTL_MICROS_MIN || ttl > TTL_MICROS_MAX) {
    complain(['mesh', 'ca_config', 'leaf_cert_ttl'], 'must lie from 1h to 2920h');
  }
  const leafAgeMicros = age ?? ([0, Math.floor(ttl * FRESH_SHARE)] as const);
  if (age !== undefined && (age[0] < 0 || age[1] >= ttl)) {
    complain(['mesh', 'leaf_age'], 'lies outside the lifetime, ca_config.leaf_cert_ttl');
  }
  if (draft.start === 'bootstrap' && mesh.intentions.length > 0) {
    complain(
      ['mesh', 'intentions'],
      'a cluster that bootstraps itself has none; write faults with intention',
    );
  }
  if (draft.start !== 'formed' && age !== undefined) {
    complain(['mesh', 'leaf_age'], 'acts with start: formed only');
  }
  checkParties(draft, complain);
  return {
    leafCertTtlMicros: ttl,
    csrMaxPerSecond: config.csr_max_per_second,
    csrMaxConcurrent: config.csr_max_per_second > 0 ? 0 : config.csr_max_concurrent,
    signMicros: mesh.sign_time,
    allowsByDefault: mesh.default_intention_policy === 'allow',
    intentions: mesh.intentions,
    leafAgeMicros,
  };
}

function refuseAll(draft: ScenarioDraft, complain: Complain): void {
  for (const [name, load] of Object.entries(draft.load)) {
    if (load.kind === 'call' && load.as !== undefined) complain(['load', name, 'as'], NO_MESH);
  }
  const planted = draft.plant.findIndex((id) => id.startsWith('M'));
  if (planted >= 0) complain(['plant', planted], NO_MESH);
  forEachFault(draft, (item, path) => {
    const verb = VERBS.find((one) => one in item);
    if (verb !== undefined) complain([...path, verb], NO_MESH);
  });
}

type Visit = (item: Readonly<Record<string, unknown>>, path: Path) => void;

function forEachFault({ faults }: ScenarioDraft, visit: Visit): void {
  faults.forEach((item, index) => {
    visit(item as Readonly<Record<string, unknown>>, ['faults', index]);
    for (const [name, steps] of Object.entries(item)) {
      if (!Array.isArray(steps)) continue;
      steps.forEach((step: unknown, place) => {
        if (isPlainMap(step)) visit(step, ['faults', index, name, place]);
      });
    }
  });
}

/** Proxies stand before services with a sidecar; intentions are about somebody who calls, and them. */
function checkParties(draft: ScenarioDraft, complain: Complain): void {
  const { services, load, mesh } = draft;
  const proxied = Object.keys(services).filter((name) => services[name]!.sidecar);
  if (proxied.length === 0) {
    complain(['mesh'], 'no service has a proxy; write sidecar: true with one');
  }
  const callers = new Set(proxied);
  for (const [name, one] of Object.entries(load)) {
    if (one.kind !== 'call' || one.as === undefined) continue;
    callers.add(one.as);
    if (one.as === '*') complain(['load', name, 'as'], 'a certificate names one service');
    if (!proxied.includes(one.service)) {
      complain(['load', name, 'as'], `${one.service} has no proxy; write sidecar: true with it`);
    }
  }
  const check = (
    { source, destination }: { readonly source: string; readonly destination: string },
    path: Path,
  ): void => {
    if (source !== '*' && !callers.has(source)) {
      complain([...path, 'source'], `nobody calls as "${source}" through a proxy`);
    }
    if (destination !== '*' && !proxied.includes(destination)) {
      complain([...path, 'destination'], `"${destination}" is no service with sidecar: true`);
    }
  };
  mesh!.intentions.forEach((one, at) => check(one, ['mesh', 'intentions', at]));
  forEachFault(draft, (item, path) => {
    if ('intention' in item) check(item['intention'] as never, [...path, 'intention']);
  });
}
