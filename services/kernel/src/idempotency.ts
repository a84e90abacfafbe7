import { Failure, type FieldProblem, isTransient } from "./errors.ts"
import { subjectOf } from "./identity.ts"
import { parseRequestId } from "./ids.ts"
import type { Call } from "./rpc-server.ts"
import { type Database, isLockTimeout, type Queryable, type Transaction, type WithCommit } from "./sql.ts"

/** So long after the last sign of life of a multi-step request another call with its id may take it over. */
const CLAIM_SECONDS = 4
const RENEW_SECONDS = 1
const WAIT_FOR_TWIN_SECONDS = 5

export interface OnceContext {
  database: Database
  call: Call
}

interface Answer {
  fingerprint: Uint8Array
  response: Uint8Array | null
  failure: {
    code: Failure["code"]
    reason: string
    message: string
    fields: FieldProblem[]
    metadata: Record<string, string>
  } | null
}

/**
 * Carries out a mutating request once: the work and its answer are one transaction, unique by caller, method and
 * request_id. The same request again gets the same answer, a Failure too; a concurrent twin waits for the first.
 * Tokens must not be part of the response: a replay mints new ones. Reasons: INVALID_REQUEST, REQUEST_ID_REUSED.
 */
export async function once<Response>(
  context: OnceContext,
  request: { requestId: string },
  work: (tx: Transaction) => Promise<Response>,
): Promise<Response> {
  const key = keyOf(context.call, request)
  return orAnswerBefore(context, key, () =>
    context.database.inTransaction(
      async (tx, withCommit) => {
        const isFirst = tx`
          insert into answers (subject, method, request_id, fingerprint)
          values (${key.subject}, ${key.method}, ${key.requestId}, ${key.fingerprint})
          on conflict do nothing
          returning 1`.execute()
        // The work's first statements travel with this one; if it turns out to be done already, all is rolled back.
        const working = work(tx)
        working.catch(() => {}) // what it failed of is asked below
        if ((await isFirst).length === 0) throw new AnsweredBefore()
        const response = await working
        withCommit(tx`
          update answers
          set response = ${context.call.encodeResponse(response)}
          where subject = ${key.subject} and method = ${key.method} and request_id = ${key.requestId}`)
        return response
      },
      { repeatable: true },
    ),
  )
}

/** Runs the work of a request, or answers what there is: a refusal that is an answer is kept. */
export async function orAnswerBefore<Response>(
  { call, database: { sql } }: OnceContext,
  key: Key,
  run: () => Promise<Response>,
): Promise<Response> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof AnsweredBefore) return replay<Response>(call, key, await readAnswer(sql, key))
    if (isLockTimeout(error)) throw inProgress()
    if (!isDefinite(error)) throw error
    const kept = await keepFailure(sql, key, error).catch((reason) => {
      if (isLockTimeout(reason)) return true // a twin is trying what we were refused; it keeps the answer
      throw reason
    })
    if (kept) throw error
    return replay<Response>(call, key, await readAnswer(sql, key))
  }
}

/**
 * Carries out a mutating request that spans several transactions and foreign calls. The request is claimed first; its
 * answer is stored at the end. The steps themselves must be repeatable, because a claim whose holder died is taken
 * over. Reasons: INVALID_REQUEST, REQUEST_ID_REUSED, REQUEST_IN_PROGRESS.
 */
export async function onceAcrossSteps<Response>(
  context: OnceContext,
  request: { requestId: string },
  work: () => Promise<Response>,
): Promise<Response> {
  const { sql } = context.database
  const key = keyOf(context.call, request)
  const claimed = await claim(sql, key)
  if ("answer" in claimed) return replay<Response>(context.call, key, claimed.answer)
  const renewing = keepRenewing(sql, key, claimed.claimExpireTime)
  let response: Response
  try {
    response = await work()
  } catch (error) {
    const claimExpireTime = await renewing.end()
    if (isDefinite(error)) await finish(sql, key, claimExpireTime, { failure: error })
    else await releaseClaim(sql, key, claimExpireTime).catch(() => {}) // it lapses by itself
    throw error
  }
  const claimExpireTime = await renewing.end()
  const isOurs = await finish(sql, key, claimExpireTime, { response: context.call.encodeResponse(response) })
  return isOurs ? response : replay<Response>(context.call, key, await readAnswer(sql, key))
}

/** Has the answer travel with COMMIT, so that it is there if and only if what the transaction did is. */
export type KeepAnswer<Response> = (tx: Transaction, withCommit: WithCommit, response: Response) => void

/**
 * `onceAcrossSteps` for work that twins may carry out at the same time, because each of its steps is done once by a guard
 * or a foreign key of its own. No claim is written: the answer goes with the last step, by `keep`, or is stored at the end
 * where the work says that it is not kept. A success stands over a refusal that a twin was given. Throws as `once` does.
 */
export async function onceByGuards<Response>(
  context: OnceContext,
  request: { requestId: string },
  work: (keep: KeepAnswer<Response>) => Promise<{ response: Response; isKept: boolean }>,
): Promise<Response> {
  const { call, database } = context
  const key = keyOf(call, request)
  const store = (sql: Queryable, response: Response) => sql`
    insert into answers (subject, method, request_id, fingerprint, response)
    values (${key.subject}, ${key.method}, ${key.requestId}, ${key.fingerprint}, ${call.encodeResponse(response)})
    on conflict (subject, method, request_id) do update
    set response = excluded.response, fingerprint = excluded.fingerprint, failure = null, claim_expire_time = null
    where answers.response is null
    returning 1`
  return orAnswerBefore(context, key, async () => {
    const answer = await readAnswer(database.sql, key)
    if (answer && stands(answer, key)) throw new AnsweredBefore()
    const { response, isKept } = await work((tx, withCommit, given) => withCommit(store(tx, given)))
    if (isKept || (await store(database.sql, response)).length > 0) return response
    throw new AnsweredBefore() // by a twin
  })
}

/** Rolls back what was begun of a request that has its answer. */
export class AnsweredBefore extends Error {}

const KEPT_DAYS = 30

/** Forgets answers that nobody repeats a request for any more. Upkeep, once a day or so. */
export async function trimAnswers({ database: { sql } }: Pick<OnceContext, "database">): Promise<void> {
  await sql`
    delete from answers
    where create_time < now() - ${KEPT_DAYS} * interval '1 day'`
}

export type Key = { subject: string; method: string; requestId: string; fingerprint: Uint8Array }

export function keyOf(call: Call, request: { requestId: string }): Key {
  const fingerprint = new Bun.CryptoHasher("sha256").update(call.encodeRequest(request)).digest()
  return {
    subject: subjectOf(call.caller),
    method: call.method,
    requestId: parseRequestId(request.requestId),
    fingerprint,
  }
}

/**
 * The claim, known by its end (PostgreSQL's text, which keeps the microseconds), or the stored answer. Waits for a twin
 * that is under way. A claim is not waited for until it is on disk: one that a crash of PostgreSQL loses is like one that
 * has lapsed, whose holder stores no answer and whose steps are repeated. What those write brings it to disk as well.
 */
async function claim(sql: Queryable, key: Key): Promise<{ claimExpireTime: string } | { answer: Answer }> {
  const giveUpTime = Date.now() + WAIT_FOR_TWIN_SECONDS * 1000
  for (;;) {
    const [claimed] = await sql<{ claimExpireTime: string }[]>`
      insert into answers (subject, method, request_id, fingerprint, claim_expire_time)
      values (${key.subject}, ${key.method}, ${key.requestId}, ${key.fingerprint}, now() + ${CLAIM_SECONDS} * interval '1 second')
      on conflict (subject, method, request_id) do update
      set claim_expire_time = excluded.claim_expire_time
      where answers.response is null and answers.failure is null and answers.claim_expire_time < now()
        and answers.fingerprint = excluded.fingerprint
      returning claim_expire_time::text as "claimExpireTime", set_config('synchronous_commit', 'off', true)`
    if (claimed) return claimed
    const answer = await readAnswer(sql, key)
    if (answer && stands(answer, key)) return { answer }
    if (Date.now() > giveUpTime) throw inProgress()
    await Bun.sleep(50)
  }
}

/** Puts the claim's end off again and again while we live; `end` answers where it stands. */
function keepRenewing(sql: Queryable, key: Key, claimExpireTime: string): { end(): Promise<string> } {
  let latest = claimExpireTime
  let renewal = Promise.resolve()
  const renew = async () => {
    const [renewed] = await sql<{ claimExpireTime: string }[]>`
      update answers
      set claim_expire_time = now() + ${CLAIM_SECONDS} * interval '1 second'
      where subject = ${key.subject} and method = ${key.method} and request_id = ${key.requestId}
        and claim_expire_time = ${latest}::text::timestamptz
      returning claim_expire_time::text as "claimExpireTime"`
    if (renewed) latest = renewed.claimExpireTime
  }
  const timer = setInterval(() => {
    renewal = renewal.then(renew).catch(() => {}) // it lapses if this goes on
  }, RENEW_SECONDS * 1000)
  return {
    async end() {
      clearInterval(timer)
      await renewal
      return latest
    },
  }
}

async function readAnswer(sql: Queryable, key: Key): Promise<Answer | undefined> {
  const [answer] = await sql<Answer[]>`
    select fingerprint, response, failure
    from answers
    where subject = ${key.subject} and method = ${key.method} and request_id = ${key.requestId}`
  return answer
}

function replay<Response>(call: Call, key: Key, answer: Answer | undefined): Response {
  if (answer && !sameRequest(answer, key)) {
    throw new Failure(
      "ABORTED",
      "REQUEST_ID_REUSED",
      "This request_id was used for a different request; make a new one.",
    )
  }
  if (answer?.failure) {
    const { code, reason, message, fields, metadata } = answer.failure
    throw new Failure(code, reason, message, { fields, metadata })
  }
  if (!answer?.response) throw inProgress()
  return call.decodeResponse(answer.response) as Response
}

const inProgress = () =>
  new Failure("ABORTED", "REQUEST_IN_PROGRESS", "The same request is being carried out; ask again in a moment.")

/** It is more than a claim of the same request. */
const stands = (answer: Answer, key: Key) => Boolean(answer.response || answer.failure || !sameRequest(answer, key))

const sameRequest = (answer: Answer, key: Key) => Buffer.compare(answer.fingerprint, key.fingerprint) === 0

/** Bad input is judged anew each time; what may go away by itself is not an answer. */
const isDefinite = (error: unknown): error is Failure =>
  error instanceof Failure &&
  !isTransient(error) &&
  error.code !== "INVALID_ARGUMENT" &&
  error.code !== "UNAUTHENTICATED"

const encodeFailure = ({ code, reason, message, fields, metadata }: Failure) =>
  JSON.stringify({ code, reason, message, fields, metadata })

/** False when another answer was stored in the meantime: that one holds. */
async function keepFailure(sql: Queryable, key: Key, failure: Failure): Promise<boolean> {
  const kept = await sql`
    insert into answers (subject, method, request_id, fingerprint, failure)
    values (${key.subject}, ${key.method}, ${key.requestId}, ${key.fingerprint}, ${encodeFailure(failure)}::text::jsonb)
    on conflict (subject, method, request_id) do update
    set failure = excluded.failure
    where answers.response is null and answers.failure is null
    returning 1`
  return kept.length > 0
}

/** Ends our claim with its answer. False when the claim had lapsed and somebody else took over: theirs is the answer. */
async function finish(
  sql: Queryable,
  key: Key,
  claimExpireTime: string,
  { response = null, failure }: { response?: Uint8Array | null; failure?: Failure },
): Promise<boolean> {
  const finished = await sql`
    update answers
    set response = ${response}, failure = ${failure ? encodeFailure(failure) : null}::text::jsonb, claim_expire_time = null
    where subject = ${key.subject} and method = ${key.method} and request_id = ${key.requestId}
      and claim_expire_time = ${claimExpireTime}::text::timestamptz
    returning 1`
  return finished.length > 0
}

async function releaseClaim(sql: Queryable, key: Key, claimExpireTime: string) {
  await sql`
    delete from answers
    where subject = ${key.subject} and method = ${key.method} and request_id = ${key.requestId}
      and claim_expire_time = ${claimExpireTime}::text::timestamptz`
}
