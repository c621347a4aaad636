/** Further lists of the catalog and of health (reference: consul §3.4). */
import {
  listChecksInState,
  listNodes,
  listServiceChecks,
  listServices,
} from '../state/catalog-queries.ts';
import type { CheckStatus } from '../state/rows.ts';
import type { Store } from '../state/store.ts';
import type { WatchSet } from '../state/watches.ts';
import type { ReadEndpoint } from './endpoint.ts';

const EMPTY_BYTES = 100;

interface Listed {
  readonly index: number;
  readonly value: readonly unknown[];
}

/** An empty list does not count as not found. */
function listOf<Input>(
  name: string,
  rowBytes: number,
  query: (store: Store, input: Input, set: WatchSet | null) => Listed,
): ReadEndpoint {
  return {
    name,
    kind: 'read',
    bytes: 400,
    answerBytes: (rows: readonly unknown[]) => EMPTY_BYTES + rowBytes * rows.length,
    boundsStaleness: true,
    query: (store: Store, input: Input, set) => ({ ...query(store, input, set), notFound: false }),
  };
}

export const catalogNodes = listOf('Catalog.ListNodes', 300, (store, _: object, set) => {
  const { index, nodes } = listNodes(store, set);
  return { index, value: nodes };
});

export const catalogServices = listOf('Catalog.ListServices', 60, (store, _: object, set) => {
  const { index, services } = listServices(store, set);
  return { index, value: services };
});

export const healthServiceChecks = listOf(
  'Health.ServiceChecks',
  350,
  (store, { service }: { readonly service: string }, set) => {
    const { index, checks } = listServiceChecks(store, service, set);
    return { index, value: checks };
  },
);

export const healthChecksInState = listOf(
  'Health.ChecksInState',
  350,
  (store, { state }: { readonly state: CheckStatus | 'any' }, set) => {
    const { index, checks } = listChecksInState(store, state, set);
    return { index, value: checks };
  },
);
