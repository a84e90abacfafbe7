import postgres from "postgres"
import { Failure, invalidRequest } from "./errors.ts"
import { failpoint } from "./failpoints.ts"

const TYPES = {
  bigint: postgres.BigInt,
  // Civil dates and times stay text: a JS Date would put them into this machine's zone.
  date: { to: 1082, from: [1082], serialize: (value: string) => value, parse: (value: string) => value },
  timestamp: { to: 1114, from: [1114], serialize: (value: string) => value, parse: (value: string) => value },
}

const ATTEMPTS = 5
/** Who waits for PostgreSQL waits no longer than this after it is back. */
const LONGEST_RECONNECT_SECONDS = 1

type Types = { bigint: bigint; date: string; timestamp: string }
export type Sql = postgres.Sql<Types>
export type Transaction = postgres.TransactionSql<Types>
/** Where a single statement may run: on the pool or inside a transaction. */
export type Queryable = Sql | Transaction

/**
 * A service's way to its schema. `sql` takes single statements; transactions have a pool of their own behind a
 * semaphore as wide as that pool, because postgres.js loses statements when BEGIN has to queue for a connection
 * (docs/decisions/0003). Inside a transaction only `tx` may be used: the outer `sql` could wait for itself.
 */
export interface Database {
  sql: Sql
  /**
   * Runs the work in one transaction and commits. Serialization failures, deadlocks and connections lost before COMMIT
   * are tried again, so the work must have no effect outside the transaction. `repeatable` says that it may also
   * run again when nobody knows whether COMMIT arrived: a stored answer or a guard makes the second run harmless.
   * `standsAlone` says that what the work sends before it has waited for anything may stand alone: it only reads, or is one
   * statement that leaves nothing half done. That travels with BEGIN, and does no harm outside a transaction, where it
   * would run if BEGIN alone failed.
   */
  inTransaction<T>(work: Work<T>, options?: TransactionOptions): Promise<T>
  close(): Promise<void>
}

export interface TransactionOptions {
  repeatable?: boolean
  standsAlone?: boolean
}
export type Work<T> = (tx: Transaction, withCommit: WithCommit) => Promise<T>
/**
 * Sends a statement that the work does not wait for: it travels with COMMIT, and what it locks is free again without a
 * round trip in between. Where it fails PostgreSQL rolls back instead, and inTransaction throws what `explain` makes of
 * the error.
 */
export type WithCommit = (statement: Fragment, explain?: (error: Error) => Error) => void
/** A statement that is not sent yet, or a part of one. */
export type Fragment = postgres.PendingQuery<postgres.Row[]>

export interface DatabaseOptions {
  url: string
  /** Off behind a pooler in transaction mode. */
  prepare?: boolean
  /** Connections for transactions, and as many for single statements. */
  connections?: number
  name?: string
}

export function connectDatabase({ url, prepare = true, connections = 5, name = "airside" }: DatabaseOptions): Database {
  const open = () =>
    postgres(url, {
      max: connections,
      prepare,
      types: TYPES,
      idle_timeout: 60,
      connect_timeout: 5,
      // Its own pause grows to 20 s, and every connection of the pool lengthens it for all of them.
      backoff: (failures) => Math.min(0.05 * 2 ** failures, LONGEST_RECONNECT_SECONDS),
      connection: { application_name: name },
      onnotice: () => {},
    }) as Sql
  const sql = open()
  const transactions = open()
  const turn = semaphore(connections)

  async function inTransaction<T>(
    work: Work<T>,
    { repeatable = false, standsAlone = false }: TransactionOptions = {},
  ): Promise<T> {
    failpoint("before-transaction")
    for (let attempt = 1; ; attempt++) {
      let committing = false
      try {
        const result = await turn(() =>
          runOnce(transactions, work, standsAlone, () => {
            committing = true
          }),
        )
        failpoint("after-commit")
        return result
      } catch (error) {
        const retry = isConflict(error) || (isConnectionLoss(error) && (!committing || repeatable))
        if (!retry || attempt >= ATTEMPTS)
          throw isConflict(error) || isConnectionLoss(error) ? databaseFailure(error) : error
        await Bun.sleep(attempt * attempt * 20 * (1 + Math.random()))
      }
    }
  }

  async function close() {
    await Promise.all([sql.end({ timeout: 1 }), transactions.end({ timeout: 1 })])
  }

  return { sql, inTransaction, close }
}

/**
 * One try. postgres.js rejects `begin` as soon as the connection is lost, while the work goes on: its next statements,
 * and the COMMIT or ROLLBACK after them, would go to the same connection object, which by then may carry somebody
 * else's transaction. Nor may a part of the work that goes on when the work as a whole has ended send anything after
 * COMMIT or ROLLBACK. So work that has outlived its transaction gets no statement through, and never ends it.
 */
async function runOnce<T>(
  transactions: Sql,
  work: Work<T>,
  standsAlone: boolean,
  beforeCommit: () => void,
): Promise<T> {
  let ended = false
  /** The first one; whatever came after it failed of that. */
  let failed: { error: Error; explained: Error } | undefined
  const withCommit: WithCommit = (statement, explain = (error) => error) => {
    statement.catch((error) => {
      failed ??= { error, explained: explain(error) }
    })
  }
  try {
    const begin = transactions.begin as PatchedBegin
    const result = await begin(
      "",
      (tx) =>
        new Promise<T>((resolve, reject) => {
          const guarded = whileOpen(tx, () => !ended)
          const settle = (step: () => void) => {
            if (ended) return
            ended = true
            step()
          }
          Promise.try(work, guarded, withCommit).then(
            (result) =>
              settle(() => {
                beforeCommit()
                resolve(result)
              }),
            (error) => settle(() => reject(error)),
          )
        }),
      standsAlone,
    )
    if (failed) throw failed.error
    return result
  } catch (error) {
    throw failed && error === failed.error ? failed.explained : error
  } finally {
    ended = true
  }
}

/** `early` is what our patch adds: the work begins when BEGIN is on its way. */
type PatchedBegin = <T>(options: string, work: (tx: Transaction) => Promise<T>, early: boolean) => Promise<T>

function whileOpen(tx: Transaction, isOpen: () => boolean): Transaction {
  const requireOpen = () => {
    if (!isOpen()) throw Object.assign(new Error("the transaction has ended"), { code: "CONNECTION_CLOSED" })
  }
  return new Proxy(tx, {
    apply(target, self, args) {
      requireOpen()
      return Reflect.apply(target as unknown as () => unknown, self, args)
    },
    get(target, property) {
      requireOpen()
      return Reflect.get(target, property)
    },
  })
}

/** True for the unique violation of a write that met an existing row. */
export const isUniqueViolation = (error: unknown): boolean => codeOf(error) === "23505"

/** True when a row was refused by this CHECK. */
export const isCheckViolation = (error: unknown, constraint: string): boolean =>
  codeOf(error) === "23514" && (error as { constraint_name?: string }).constraint_name === constraint

/** True when a statement waited longer for another transaction's lock than the role's lock_timeout. */
export const isLockTimeout = (error: unknown): boolean => codeOf(error) === "55P03"

/** True when a single statement failed because PostgreSQL could not be reached. */
export function isConnectionLoss(error: unknown): boolean {
  const code = codeOf(error)
  if (!code) return false
  return (
    code.startsWith("08") ||
    ["57P01", "57P02", "57P03", "53300", "25P03"].includes(code) ||
    [
      "ECONNRESET",
      "ECONNREFUSED",
      "EPIPE",
      "CONNECTION_CLOSED",
      "CONNECTION_ENDED",
      "CONNECTION_DESTROYED",
      "CONNECT_TIMEOUT",
    ].includes(code)
  )
}

export const databaseUnavailable = () =>
  new Failure("UNAVAILABLE", "DATABASE_UNAVAILABLE", "The database cannot be reached just now; try again.")

/** What callers are told of an error that a single statement or a transaction ended with; undefined: nothing of theirs. */
export function databaseFailure(error: unknown): Failure | undefined {
  if (isConnectionLoss(error)) return databaseUnavailable()
  if (isConflict(error) || isLockTimeout(error)) {
    return new Failure("ABORTED", "CONFLICT", "Somebody else is changing the same thing just now; try again.")
  }
  // PostgreSQL's text holds every character but NUL.
  if (["22021", "22P05"].includes(codeOf(error) ?? "")) {
    return invalidRequest([{ field: "", message: "text must not contain the NUL character" }])
  }
  return undefined
}

const isConflict = (error: unknown) => ["40001", "40P01"].includes(codeOf(error) ?? "")

/** What a transaction ends with so that it is tried again, as after a serialization failure. */
export const conflict = (message: string): Error => Object.assign(new Error(message), { code: "40001" })

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined
}

/** Lets `width` run at once; the others wait in the order of their coming. */
export function semaphore(width: number) {
  let free = width
  const waiting: (() => void)[] = []
  return async <T>(run: () => Promise<T>): Promise<T> => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await run()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free++
    }
  }
}
