import type { SQL } from "bun"
import { check, type Violation } from "./checker/check.ts"
import { readStripe } from "./checker/evidence.ts"
import { beCustomer, type Crowd, type Person, USUAL_MOOD } from "./customer.ts"
import { FAULTS, type Fault } from "./faults.ts"
import type { History } from "./history.ts"
import { signUp } from "./people.ts"
import type { Product } from "./product.ts"
import { createRandom, type Random } from "./random.ts"

const GUESTS = 8
const MEMBERS = 4
const OPEN_SECONDS = 3
/** So much longer those who came may still be busy before everything is healed. */
const PATIENCE_SECONDS = 2
/** From healing until nothing may be under way any more. */
export const SETTLE_SECONDS = 20
const FIRST_DAY = 30
const DAYS = 240
const FIRST_STORM_DAY = 275
const STORM_DAYS = 50

export interface RoundResult {
  round: number
  faults: { name: string; count: number }[]
  notes: string[]
  requests: number
  seconds: number
  /** For each booking that was under way when all was healed: from then, or from its hold's end, to its own. */
  recoverySeconds: number[]
  violations: Violation[]
}

export interface RoundOptions {
  seed: number
  round: number
  faults: Fault[][]
  product: Product
  history: History
  staffToken: string
}

/** Customers come, something breaks, all is healed, everything settles, and the checker looks. */
export async function runRound(options: RoundOptions): Promise<RoundResult> {
  const { seed, round, product, history } = options
  const random = createRandom("airside-chaos", seed, round)
  const faults = chooseFaults(options, random)
  const startTime = Date.now()
  const before = history.exchanges.length
  const members = await registerMembers(options, random)
  const crowd: Crowd = {
    round,
    uiUrl: product.uiUrl,
    history,
    date: civilDate(FIRST_DAY + (round % DAYS)),
    returnDate: civilDate(FIRST_DAY + (round % DAYS) + 5),
    stopTime: 0,
    mood: Object.assign({}, USUAL_MOOD, ...faults.map(({ mood }) => mood)),
  }
  const notes: string[] = []
  const stormDate = civilDate(FIRST_STORM_DAY + (round % STORM_DAYS))
  const stage = { product, crowd, random: random.fork("faults"), stormDate, notes }
  const patienceSeconds = Math.max(...faults.map((fault) => fault.patienceSeconds ?? PATIENCE_SECONDS))
  for (const fault of faults) await fault.prepare?.(stage)
  crowd.stopTime = Date.now() + OPEN_SECONDS * 1000
  const guests = Array.from({ length: GUESTS }, (_, index) => ({ name: `guest-${round}-${index}` }))
  const people = Promise.all(
    [...members, ...guests].map((person) => beCustomer(crowd, person, random.fork(person.name))),
  )
  await Promise.all([
    ...faults.map((fault) => fault.strike?.(stage)),
    // Who waits for a process that stands still would wait until it is healed.
    Promise.race([people, Bun.sleep((OPEN_SECONDS + patienceSeconds) * 1000)]),
  ])
  const counts = faults.map((fault) => ({ name: fault.name, count: fault.count(stage) }))
  await product.heal()
  const healTime = Date.now()
  let isCrowdGone = false
  const leaving = people.then(() => {
    isCrowdGone = true
  })
  const [recoverySeconds] = await Promise.all([untilSettled(product.admin(), healTime, () => isCrowdGone), leaving])
  await product.end("backend-2")
  history.trim()
  const admin = product.admin()
  const readEvidence = () => ({ admin, stripe: readStripe(product.sandboxFile), exchanges: history.exchanges })
  const seconds = (Date.now() - startTime) / 1000
  const { violations, looks } = await check(readEvidence, healTime + SETTLE_SECONDS * 1000)
  if (looks > 1) notes.push(`the checker looked ${looks} times`)
  return {
    round,
    faults: counts,
    notes,
    requests: history.exchanges.length - before,
    seconds,
    recoverySeconds,
    violations,
  }
}

/** Every fault once in an order of the seed's, then with a second one beside it. */
function chooseFaults({ seed, round, faults }: RoundOptions, random: Random): Fault[] {
  const order = faults
    .map((together) => ({ together, place: createRandom("order", seed, nameOf(together)).next() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ together }) => together)
  const first = order[(round - 1) % order.length]!
  const second = random.pick(order)
  return round <= order.length || second === first ? first : [...first, ...second]
}

const nameOf = (together: Fault[]) => together.map(({ name }) => name).join("+")

/** Names of faults, or beginnings of them; `a+b` is both in one round. None named: every one. */
export function selectFaults(names: string[]): Fault[][] {
  if (names.length === 0) return FAULTS.map((fault) => [fault])
  return names.flatMap((name) => {
    const together = name.split("+").map((part) => FAULTS.filter((fault) => fault.name.startsWith(part)))
    if (together.some((found) => found.length === 0)) throw new Error(`no fault is called ${name}`)
    return together.length === 1 ? together[0]!.map((fault) => [fault]) : [together.map((found) => found[0]!)]
  })
}

/** People of this round with an account; all but one have points to spend. */
async function registerMembers({ seed, round, history, staffToken }: RoundOptions, random: Random): Promise<Person[]> {
  const register = async (_: unknown, index: number): Promise<Person> => {
    const name = `member-${seed}-${round}-${index}`
    const account = await signUp(history, { round, name, key: random.uuid() })
    if (index === 0) return { name, token: account.token }
    const body = { user_id: account.id, points: 5_000, reason: "to spend in chaos" }
    const gift = { round, customer: name, method: "POST", path: "/api/loyalty/earn" } as const
    await history.ask({ ...gift, key: random.uuid(), body, token: staffToken })
    return { name, token: account.token }
  }
  return Promise.all(Array.from({ length: MEMBERS }, register))
}

/** From the healing on, also while the last of the crowd are still busy; what they begin then was not under way. */
async function untilSettled(admin: SQL, healTime: number, isCrowdGone: () => boolean): Promise<number[]> {
  const dueTimes = new Map<string, number>()
  let isFirstLook = true
  const recovery: number[] = []
  for (;;) {
    const open: { id: string; due: number }[] = await admin`
      select id, extract(epoch from hold_expire_time)::float8 * 1000 as due
      from backend.bookings
      where status not in ('confirmed', 'cancelled', 'expired') or next_step_time is not null`
    const now = Date.now()
    const left = new Set(open.map(({ id }) => id))
    for (const [id, due] of dueTimes) {
      if (left.has(id)) continue
      recovery.push(Math.max(0, now - Math.max(due, healTime)) / 1000)
      dueTimes.delete(id)
    }
    for (const { id, due } of open) if (isFirstLook || dueTimes.has(id)) dueTimes.set(id, due)
    isFirstLook = false
    const [{ pending }] = await admin`select count(*)::int as pending from payment.refunds where status = 'pending'`
    if (open.length === 0 && pending === 0 && isCrowdGone()) return recovery
    if (now > healTime + SETTLE_SECONDS * 1000) return [...recovery, ...open.map(() => SETTLE_SECONDS)]
    await Bun.sleep(100)
  }
}

const civilDate = (daysAhead: number) => new Date(Date.now() + daysAhead * 86_400_000).toISOString().slice(0, 10)
