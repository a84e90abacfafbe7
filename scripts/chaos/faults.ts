import { join } from "node:path"
import { type Crowd, grabSeat, type Mood } from "./customer.ts"
import { STORM_ROUTE } from "./network.ts"
import type { ProcessName, Product } from "./product.ts"
import type { Random } from "./random.ts"

export interface Stage {
  product: Product
  crowd: Crowd
  random: Random
  /** A date of this round that only a storm flies on. */
  stormDate: string
  /** What is worth telling beside the counts. */
  notes: string[]
}

/** Something that goes wrong in a round; `heal` of the product ends it. */
export interface Fault {
  name: string
  mood?: Partial<Mood>
  /** So much longer the crowd may be busy before everything is healed, where that is not the usual time. */
  patienceSeconds?: number
  /** Before the customers come. */
  prepare?(stage: Stage): Promise<void>
  /** While they are there. */
  strike?(stage: Stage): Promise<void>
  /** How often it has happened; asked when the customers have gone and before healing. */
  count(stage: Stage): number
}

const SERVICES = ["backend", "payment", "loyalty"] as const
const POINTS = ["before-transaction", "after-commit", "before-foreign-call", "after-foreign-call", "before-answer"]

/** Operations at which it matters; "" is any. */
const OPERATIONS: Record<(typeof SERVICES)[number], string[]> = {
  backend: ["", "HoldBooking", "StartCheckout", "SettleBooking", "CancelBooking"],
  payment: ["", "CreatePayment", "ProcessPayment", "CancelPayment", "RefundPayment"],
  loyalty: ["", "RedeemPoints", "ReversePoints", "EarnPoints"],
}
const CALLS_OF_BACKEND = [
  "PaymentService/CreatePayment",
  "PaymentService/CancelPayment",
  "PaymentService/RefundPayment",
  "PaymentService/GetPayment",
  "LoyaltyService/RedeemPoints",
  "LoyaltyService/ReversePoints",
  "LoyaltyService/EarnPoints",
]

const STORM_SECONDS = 6
const once = () => 1
const spare = (random: Random) => Bun.sleep(500 + random.below(1500))

/** A service with a failpoint armed at one of its operations or calls. */
function failing(name: (typeof SERVICES)[number], point: string, action: string, random: Random) {
  const isCall = point.endsWith("foreign-call")
  const methods = isCall
    ? name === "backend"
      ? CALLS_OF_BACKEND
      : [""]
    : point === "before-answer"
      ? OPERATIONS[name]
      : [""]
  const method = random.pick(methods)
  const passes = Array.from({ length: action === "lose" ? 3 : 1 }, () => 1 + random.below(method ? 3 : 12))
  const points = passes.map((pass) => `${point}${method && `@${method}`}=${action}#${pass}`)
  return { settings: { FAILPOINTS: points.join(",") } }
}

const dyingServices: Fault[] = SERVICES.flatMap((name) =>
  POINTS.filter((point) => name !== "loyalty" || !point.endsWith("foreign-call")).map((point) => ({
    name: `kill:${name}:${point}`,
    prepare: ({ product, random }) => product.restart(name, failing(name, point, "kill", random)),
    count: ({ product }) => (product.hasDied(name) ? 1 : 0),
  })),
)

const killed: Fault[] = (["stripe-sandbox", "payment", "loyalty", "backend", "ui"] as ProcessName[]).map((name) => ({
  name: `kill:${name}`,
  async strike({ product, random }) {
    await spare(random)
    product.signal(name, "SIGKILL")
  },
  count: once,
}))

const told: Fault[] = SERVICES.map((name) => ({
  name: `term:${name}`,
  async strike({ product, random }) {
    await spare(random)
    product.signal(name, "SIGTERM")
  },
  count: once,
}))

const frozen: Fault[] = (["payment", "loyalty"] as const).map((name) => ({
  name: `freeze:${name}`,
  async strike({ product, random }) {
    await spare(random)
    product.signal(name, "SIGSTOP")
    await Bun.sleep(2500)
    product.signal(name, "SIGCONT")
  },
  count: once,
}))

const lost: Fault[] = SERVICES.map((name) => ({
  name: `lose:${name}`,
  prepare: ({ product, random }) => product.restart(name, failing(name, "before-answer", "lose", random)),
  count: once,
}))

const webhooks: Fault[] = (["tenfold", "reversed", "late", "never"] as const).map((how) => ({
  name: `webhook:${how}`,
  async prepare({ product }) {
    product.webhooks.misbehave(how)
  },
  count: ({ product }) => product.webhooks.count(),
}))

const stripe: Fault[] = [
  {
    // The event overtakes the answer.
    name: "webhook:early",
    async prepare({ product }) {
      product.stripe.misbehave({ path: /\/confirm$/, kind: "delay", times: 1000, milliseconds: 700 })
    },
    count: ({ product }) => product.stripe.count(),
  },
  {
    name: "lose:stripe",
    async prepare({ product }) {
      product.stripe.misbehave({ path: /\/(confirm|cancel|refunds|payment_intents|sessions)$/, kind: "lose", times: 6 })
    },
    count: ({ product }) => product.stripe.count(),
  },
  {
    name: "refund:fails",
    mood: { cancelsAfterwards: 0.9 },
    async prepare({ product }) {
      product.stripe.misbehave({ path: /\/refunds$/, kind: "fail", times: 4 })
    },
    count: ({ product }) => product.stripe.count(),
  },
]

const database: Fault[] = [
  {
    name: "postgres:immediate",
    async strike({ product, random }) {
      await spare(random)
      await product.stopPostgresAtOnce()
      await Bun.sleep(500)
      await product.startPostgres()
    },
    count: once,
  },
  {
    name: "postgres:terminate",
    async strike({ product, crowd }) {
      while (Date.now() < crowd.stopTime) {
        const terminated = product.admin()`
          select pg_terminate_backend(pid)
          from pg_stat_activity
          where usename in ('backend', 'payment', 'loyalty') and xact_start is not null and backend_xid is not null`
        await terminated.catch(() => {}) // another fault of the round has stopped PostgreSQL
        await Bun.sleep(40)
      }
    },
    count: once,
  },
  {
    name: "pool:exhausted",
    async prepare({ product }) {
      await Promise.all(SERVICES.map((name) => product.restart(name, { settings: { DATABASE_CONNECTIONS: "2" } })))
    },
    strike: (stage) => storm(stage, 40),
    count: once,
  },
  { name: "burst", strike: (stage) => storm(stage, 500), count: once },
]

const backends: Fault[] = [
  {
    name: "backends:two",
    prepare: ({ product }) => product.restart("backend-2"),
    count: once,
  },
  {
    // The other one's sweep expires what this one was about to ask money for.
    name: "backends:frozen-before-call",
    async prepare({ product, random }) {
      await product.restart("backend-2")
      await product.restart("backend", failing("backend", "before-foreign-call", "freeze", random))
    },
    strike: () => Bun.sleep(7000),
    count: once,
  },
]

const races: Fault[] = [
  { name: "race:cancel-confirm", mood: { cancelsWhilePaying: 0.8 }, count: once },
  { name: "race:lapse-pay", mood: { paysAtTheLastMoment: 0.8 }, count: once },
  // Until the last of them have paid, so that what happens to them beside it is not healed before.
  { name: "race:late-page", mood: { paysTooLateOnThePage: 0.7 }, patienceSeconds: 6, count: once },
]

const clocks: Fault[] = SERVICES.map((name) => ({
  name: `clock:${name}`,
  prepare: ({ product }) => product.restart(name, { preload: join(import.meta.dir, "clock-ten-minutes-off.ts") }),
  count: once,
}))

export const FAULTS: Fault[] = [
  ...dyingServices,
  ...killed,
  ...told,
  ...frozen,
  ...lost,
  ...webhooks,
  ...stripe,
  ...database,
  ...backends,
  ...races,
  ...clocks,
]

/** Many at once for the ten seats of one cabin, with the same offer, one seat each. */
async function storm({ crowd, random, stormDate, notes }: Stage, people: number) {
  const path = `/api/flights/search?origin=${STORM_ROUTE.origin}&destination=${STORM_ROUTE.destination}&depart_date=${stormDate}`
  const search = await crowd.history.ask({ round: crowd.round, customer: "storm", method: "GET", path })
  const offer = search.answer?.slices?.[0]?.offers[0]?.token
  if (!offer) return
  const startTime = Date.now()
  const patient = { ...crowd, stopTime: startTime + STORM_SECONDS * 1000 }
  const grab = (_: unknown, index: number) =>
    grabSeat(patient, { name: `storm-${index}` }, random.fork("storm", index), offer).catch(() => undefined)
  const outcomes = await Promise.all(Array.from({ length: people }, grab))
  const count = (outcome: boolean) => outcomes.filter((each) => each === outcome).length
  const seconds = ((Date.now() - startTime) / 1000).toFixed(1)
  notes.push(`storm of ${people} for 10 seats: ${count(true)} got one, ${count(false)} told SOLD_OUT, ${seconds} s`)
}
