/** All endpoints. A row's number is its place, and part of recorded runs: new ones go to the end. */
import * as Catalog from './catalog-endpoints.ts';
import type { Endpoint } from './endpoint.ts';
import { kvApply, kvGet, kvList, kvListKeys } from './kv-endpoints.ts';

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
];
