/** Where a blocked lane goes on. */
export const APPEND_TERM_STORED = 1;
export const APPEND_STORED = 2;
export const VOTE_TERM_STORED = 3;
export const VOTE_STORED = 4;
export const PLANTED_VOTE_STORED = 5;
export const TERM_ADOPTED = 6;
export const CANDIDATE_TERM_STORED = 7;
export const CANDIDATE_VOTE_STORED = 8;
export const LOGS_STORED = 9;
export const REPLICATE_BACKOFF = 10;
export const REPLICATE_ANSWERED = 11;
export const PIPELINE_OPENED = 12;
export const PIPELINE_ROOM = 13;
export const HEARTBEAT_ANSWERED = 14;
export const TIMEOUT_NOW_ANSWERED = 15;
