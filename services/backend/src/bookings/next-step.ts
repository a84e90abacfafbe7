import type { Queryable } from "@airside/kernel/sql"

/** The sweep leaves a booking alone for so long after somebody began to carry it onward. */
export const LEASE_SECONDS = 5

/** What a move to a state with a next step sets: whoever moved takes that step, and after the lease anybody does. */
export const nextStepIsOurs = (sql: Queryable) => sql`
  next_step_time = now() + ${LEASE_SECONDS} * interval '1 second', step_attempts = 0, last_error = null,
  flagged = false, update_time = now()`

/** What a move to a state that lasts sets. */
export const noNextStep = (sql: Queryable) => sql`
  next_step_time = null, step_attempts = 0, last_error = null, flagged = false, update_time = now()`
