/** All endpoints. A row's number is its place, and part of recorded runs: new ones go to the end. */
import type { Endpoint } from './endpoint.ts';
import { kvApply, kvGet } from './kv-endpoints.ts';

export const KVS_APPLY = 0;
export const KVS_GET = 1;

export const ENDPOINTS: readonly Endpoint[] = [kvApply, kvGet];
