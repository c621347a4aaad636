/** All endpoints. A row's number is its place, and part of recorded runs: new ones go to the end. */
import * as Catalog from './catalog-endpoints.ts';
import { coordinateUpdate } from './coordinate-endpoints.ts';
import type { Endpoint } from './endpoint.ts';
import { connectRoots, connectSign, intentionMatch } from './connect-endpoints.ts';
import * as Lists from './catalog-lists.ts';
import { kvApply, kvGet, kvList, kvListKeys } from './kv-endpoints.ts';
import { queryApply, queryExecute, queryExecuteRemote } from './query-endpoints.ts';
import * as Session from './session-endpoints.ts';
import { txnApply, txnRead } from './txn-endpoints.ts';

export const KVS_APPLY = 0;
export const KVS_GET = 1;
export const CATALOG_REGISTER = 2;
export const CATALOG_DEREGISTER = 3;
export const CATALOG_NODE_SERVICES = 4;
export const CATALOG_SERVICE_NODES = 5;
export const HEALTH_NODE_CHECKS = 6;
export const HEALTH_SERVICE_NODES = 7;
export const KVS_LIST = 8;
export const KVS_LIST_KEYS = 9;
export const SESSION_APPLY = 10;
export const SESSION_RENEW = 11;
export const SESSION_GET = 12;
export const SESSION_LIST = 13;
export const SESSION_OF_NODE = 14;
export const TXN_APPLY = 15;
export const TXN_READ = 16;
export const QUERY_APPLY = 17;
export const QUERY_EXECUTE = 18;
export const CATALOG_NODES = 19;
export const CATALOG_SERVICES = 20;
export const HEALTH_SERVICE_CHECKS = 21;
export const HEALTH_CHECKS_IN_STATE = 22;
export const COORDINATE_UPDATE = 23;
export const CONNECT_SIGN = 24;
export const CONNECT_ROOTS = 25;
export const INTENTION_MATCH = 26;
export const QUERY_EXECUTE_REMOTE = 27;

export const ENDPOINTS: readonly Endpoint[] = [
  kvApply,
  kvGet,
  Catalog.catalogRegister,
  Catalog.catalogDeregister,
  Catalog.catalogNodeServices,
  Catalog.catalogServiceNodes,
  Catalog.healthNodeChecks,
  Catalog.healthServiceNodes,
  kvList,
  kvListKeys,
  Session.sessionApply,
  Session.sessionRenew,
  Session.sessionGet,
  Session.sessionList,
  Session.sessionsOfNode,
  txnApply,
  txnRead,
  queryApply,
  queryExecute,
  Lists.catalogNodes,
  Lists.catalogServices,
  Lists.healthServiceChecks,
  Lists.healthChecksInState,
  coordinateUpdate,
  connectSign,
  connectRoots,
  intentionMatch,
  queryExecuteRemote,
];
