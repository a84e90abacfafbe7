import { Failure } from "./errors.ts"
import { AnsweredBefore, type Key, keyOf, type OnceContext, orAnswerBefore } from "./idempotency.ts"
import type { Call } from "./rpc-server.ts"
import { type Database, isUniqueViolation, type Transaction, type WithCommit } from "./sql.ts"
import { type Outcomes, together } from "./together.ts"

/** Requests of one kind that are carried out in one transaction when they come at once. */
export interface SharedWork<Item, Response, Row> {
  /**
   * Reads what decides all of them, with statements that it sends before it waits for any: they travel with BEGIN. What
   * it answers decides one item after the other, each with what those before it were given taken away, and throws why
   * an item is refused.
   */
  read(
    tx: Transaction,
    items: readonly Item[],
  ): Promise<(item: Item) => Decision<Response, Row> | Promise<Decision<Response, Row>>>
  /** Writes what was decided by `withCommit` alone. A conflict that it explains has all of them read and decided anew. */
  write(tx: Transaction, withCommit: WithCommit, rows: readonly Row[]): void
}

/** What a request is answered, and what is written for it. */
export interface Decision<Response, Row> {
  response: Response
  row: Row
}

/** While one run waits for PostgreSQL another one is composed; more would only be smaller. */
const RUNS_AT_ONCE = 2
const MOST_IN_A_RUN = 32

/**
 * `once` for work that knows its answer before it writes anything: it reads, and then the answers' rows and what is to be
 * written travel with COMMIT, so that no lock outlasts a round trip. Requests that come while others are under way share a
 * transaction, and so its round trips, its statements and its flush to the disk. The key of `answers` refuses a request
 * that has its answer, which stands, whatever is decided now. `work` is a constant: by it a request finds the others.
 * Throws as `once` does.
 */
export async function onceTogether<Item, Response, Row>(
  context: OnceContext,
  request: { requestId: string },
  item: Item,
  work: SharedWork<Item, Response, Row>,
): Promise<Response> {
  const { database, call } = context
  const key = keyOf(call, request)
  return orAnswerBefore(context, key, () => runnerOf(database, work)({ call, key, item }))
}

interface SharedRequest<Item> {
  call: Call
  key: Key
  item: Item
}

type Runner<Item, Response> = (request: SharedRequest<Item>) => Promise<Response>

// biome-ignore lint/suspicious/noExplicitAny: a work's runner is found by that very work
const runners = new WeakMap<Database, Map<unknown, Runner<any, any>>>()

function runnerOf<Item, Response, Row>(
  database: Database,
  work: SharedWork<Item, Response, Row>,
): Runner<Item, Response> {
  const known = runners.get(database) ?? new Map()
  runners.set(database, known)
  let runner = known.get(work)
  if (!runner) {
    runner = together((requests: readonly SharedRequest<Item>[]) => decideAll(database, requests, work), {
      width: RUNS_AT_ONCE,
      most: MOST_IN_A_RUN,
      isShared: (error) => error instanceof Failure && error.code === "UNAVAILABLE",
    })
    known.set(work, runner)
  }
  return runner
}

/** One transaction of them all; AnsweredBefore, for all, when one of them has its answer. */
function decideAll<Item, Response, Row>(
  database: Database,
  requests: readonly SharedRequest<Item>[],
  { read, write }: SharedWork<Item, Response, Row>,
): Promise<Outcomes<Response>> {
  return database.inTransaction(
    async (tx, withCommit) => {
      const decide = await read(
        tx,
        requests.map(({ item }) => item),
      )
      const decided = new Map<string, Decision<Response, Row> & SharedRequest<Item>>()
      const outcomes: PromiseSettledResult<Response>[] = []
      for (const each of requests) {
        const name = `${each.key.subject} ${each.key.method} ${each.key.requestId}`
        try {
          if (decided.has(name)) throw new AnsweredBefore()
          const decision = await decide(each.item)
          decided.set(name, { ...decision, ...each })
          outcomes.push({ status: "fulfilled", value: decision.response })
        } catch (reason) {
          outcomes.push({ status: "rejected", reason })
        }
      }
      if (decided.size > 0) {
        insertAnswers(
          tx,
          withCommit,
          [...decided].sort(byName).map(([, decision]) => decision),
        )
        const rows = [...decided.values()].map(({ row }) => row)
        write(tx, withCommit, rows)
      }
      return outcomes
    },
    { repeatable: true, standsAlone: true },
  )
}

/** Those who write several keys write them in one order, and so never wait for each other in a circle. */
const byName = ([a]: [string, unknown], [b]: [string, unknown]) => (a < b ? -1 : 1)

function insertAnswers(
  tx: Transaction,
  withCommit: WithCommit,
  decided: readonly { call: Call; key: Key; response: unknown }[],
) {
  const bytesOf = ({ call, response }: (typeof decided)[number]) =>
    Buffer.from(call.encodeResponse(response)).toString("base64")
  withCommit(
    tx`
      insert into answers (subject, method, request_id, fingerprint, response)
      select subject, method, request_id, decode(fingerprint, 'base64'), decode(response, 'base64')
      from unnest(
        ${decided.map(({ key }) => key.subject)}::text[], ${decided.map(({ key }) => key.method)}::text[],
        ${decided.map(({ key }) => key.requestId)}::uuid[],
        ${decided.map(({ key }) => Buffer.from(key.fingerprint).toString("base64"))}::text[], ${decided.map(bytesOf)}::text[]
      ) as decided (subject, method, request_id, fingerprint, response)`,
    (error) => (isUniqueViolation(error) ? new AnsweredBefore() : error),
  )
}
