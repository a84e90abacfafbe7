/**
 * The sandbox's memory: one SQLite file. Stripe's objects are kept as the JSON that is answered, beside the few
 * columns that lists and references look for; what Stripe knows but does not show is kept in `hidden`.
 */
import { Database } from "bun:sqlite"
import type Stripe from "stripe"
import type { TestCard } from "./cards.ts"
import { CardError, noSuch } from "./errors.ts"

/** The kinds of objects and what is known of each beyond its public face. */
export interface Kinds {
  customer: { object: Stripe.Customer; hidden: { deleted?: boolean } }
  payment_method: {
    object: Stripe.PaymentMethod
    /** `authenticated`: set up by the customer, so that card 3155 may be charged off-session. */
    hidden: { card: TestCard["name"]; spent?: boolean; authenticated?: boolean }
  }
  payment_intent: {
    object: Stripe.PaymentIntent
    hidden: { session?: string; returnUrl?: string | undefined }
  }
  setup_intent: { object: Stripe.SetupIntent; hidden: { returnUrl?: string | undefined } }
  charge: { object: Stripe.Charge; hidden: Record<string, never> }
  /** `failTime`: Unix seconds at which it turns out that the card takes no money. */
  refund: { object: Stripe.Refund; hidden: { failTime?: number } }
  dispute: { object: Stripe.Dispute; hidden: Record<string, never> }
  "checkout.session": { object: Stripe.Checkout.Session; hidden: SessionHidden }
  event: { object: Stripe.EventBase; hidden: Record<string, never> }
}

export interface SessionHidden {
  lineItems: Stripe.LineItem[]
  intent: {
    metadata: Record<string, string>
    description: string | null
    receiptEmail: string | null
    setupFutureUsage: "off_session" | "on_session" | null
  }
}

export type Kind = keyof Kinds
export type Entry<K extends Kind> = Kinds[K]
export type AnyObject = Kinds[Kind]["object"]

/** How Stripe's messages call a kind, and the parameter that names it in a path. */
const NAMES: Record<Kind, { noun: string; param: string }> = {
  customer: { noun: "customer", param: "id" },
  payment_method: { noun: "PaymentMethod", param: "payment_method" },
  payment_intent: { noun: "payment_intent", param: "intent" },
  setup_intent: { noun: "setupintent", param: "intent" },
  charge: { noun: "charge", param: "id" },
  refund: { noun: "refund", param: "id" },
  dispute: { noun: "dispute", param: "dispute" },
  "checkout.session": { noun: "checkout.session", param: "session" },
  event: { noun: "event", param: "id" },
}

/** The field of each kind, beside its customer and its payment intent, that its lists are narrowed by. */
export const FACETS: Partial<Record<Kind, string>> = {
  customer: "email",
  refund: "charge",
  dispute: "charge",
  "checkout.session": "status",
  event: "type",
}

const SCHEMA = `
  -- Every object; sequence is the order of creation, which lists follow.
  create table if not exists objects (
    sequence integer primary key,
    id text not null unique,
    kind text not null,
    customer text,
    payment_intent text,
    facet text, -- what lists of this kind are narrowed by, as FACETS says
    due_time integer, -- Unix seconds: when an open session expires, or a refund fails, by itself
    body text not null,
    hidden text not null
  ) strict;
  create index if not exists objects_by_kind on objects (kind, sequence);
  create index if not exists objects_by_customer on objects (customer, kind, sequence) where customer is not null;
  create index if not exists objects_by_payment_intent on objects (payment_intent, kind, sequence)
    where payment_intent is not null;
  create index if not exists objects_by_facet on objects (facet, kind, sequence) where facet is not null;
  create index if not exists objects_due on objects (due_time) where due_time is not null;

  -- The first answer to every Idempotency-Key, kept for 24 hours.
  create table if not exists answers (
    key text primary key,
    request text not null, -- method, path and parameters
    status integer not null,
    body text not null,
    create_time integer not null -- Unix seconds
  ) strict, without rowid;
  create index if not exists answers_by_age on answers (create_time);

  -- Events that the webhook endpoint has not yet taken.
  create table if not exists deliveries (
    event text primary key,
    attempts integer not null,
    next_time integer not null -- Unix milliseconds
  ) strict, without rowid;
  create index if not exists deliveries_due on deliveries (next_time);
`

interface Row {
  id: string
  sequence: number
  body: string
  hidden: string
}

export type Store = ReturnType<typeof openStore>

/** Opens the file, creating it when it is new. `:memory:` is for tests. */
export function openStore(path: string) {
  const sqlite = new Database(path, { create: true, strict: true })
  sqlite.run("pragma journal_mode = wal")
  sqlite.run("pragma synchronous = normal")
  sqlite.run(SCHEMA)

  const insertRow = sqlite.query(
    "insert into objects (id, kind, customer, payment_intent, facet, due_time, body, hidden) values (?, ?, ?, ?, ?, ?, ?, ?)",
  )
  const updateRow = sqlite.query(
    "update objects set customer = ?, payment_intent = ?, facet = ?, due_time = ?, body = ?, hidden = ? where id = ?",
  )
  const selectRow = sqlite.query<Row, [string, string]>("select * from objects where id = ? and kind = ?")

  function find<K extends Kind>(kind: K, id: string): Entry<K> | undefined {
    const row = selectRow.get(id, kind)
    return row ? parse(row) : undefined
  }

  return {
    sqlite,
    find,

    /** The object that the path names; 404 when there is none. */
    read<K extends Kind>(kind: K, id: string): Entry<K> {
      const { noun, param } = NAMES[kind]
      return find(kind, id) ?? fail(noSuch(noun, id, param, 404))
    },

    /** The object that a parameter refers to; 400 when there is none. */
    refer<K extends Kind>(kind: K, id: string, param: string): Entry<K> {
      return find(kind, id) ?? fail(noSuch(NAMES[kind].noun, id, param, 400))
    },

    insert<K extends Kind>(kind: K, object: Entry<K>["object"], hidden: Entry<K>["hidden"]): void {
      const { customer, intent, facet, due } = columns({ object, hidden } as Entry<K>)
      insertRow.run(object.id, kind, customer, intent, facet, due, JSON.stringify(object), JSON.stringify(hidden))
    },

    update<K extends Kind>({ object, hidden }: Entry<K>): void {
      const { customer, intent, facet, due } = columns({ object, hidden } as Entry<K>)
      updateRow.run(customer, intent, facet, due, JSON.stringify(object), JSON.stringify(hidden), object.id)
    },

    /** Runs the steps in one transaction: all is kept, or nothing. A decline that is thrown keeps what it did. */
    transaction<T>(steps: () => T): T {
      let decline: CardError | undefined
      const result = sqlite
        .transaction(() => {
          try {
            return steps()
          } catch (error) {
            if (!(error instanceof CardError)) throw error
            decline = error
          }
        })
        .immediate()
      if (decline) throw decline
      return result as T
    },

    close(): void {
      sqlite.run("pragma wal_checkpoint(truncate)")
      sqlite.close()
    },
  }
}

export function parse<K extends Kind>(row: { body: string; hidden: string }): Entry<K> {
  return { object: JSON.parse(row.body), hidden: JSON.parse(row.hidden) } as Entry<K>
}

function columns({ object, hidden }: Kinds[Kind]) {
  const fields = object as unknown as Record<string, string | null | undefined>
  const isOpenSession = object.object === "checkout.session" && object.status === "open"
  return {
    customer: fields.customer ?? null,
    intent: fields.payment_intent ?? null,
    facet: fields[FACETS[object.object] ?? ""] ?? null,
    due: isOpenSession ? object.expires_at : "failTime" in hidden ? (hidden.failTime ?? null) : null,
  }
}

function fail(error: Error): never {
  throw error
}
