import { ConfigError } from "./config.ts"
import { Failure } from "./errors.ts"

/**
 * Where a process can be made to die, freeze or lose an answer, so that `bun run chaos` can show what becomes of the
 * rest. `FAILPOINTS` arms them, as `point[@method]=action[#pass]`, separated by commas: at the pass of that number
 * (default 1) the action happens, once. Without it a pass costs one comparison.
 */
const POINTS = [
  /** A transaction is about to begin. */
  "before-transaction",
  /** A transaction has committed; nobody has been told. */
  "after-commit",
  /** A call to another service or to Stripe is about to be sent; what led to it is committed. */
  "before-foreign-call",
  /** The other side has done it and answered; that is not recorded yet. */
  "after-foreign-call",
  /** An operation is done; its answer is not sent yet. */
  "before-answer",
] as const

/** kill: this process gets SIGKILL; freeze: SIGSTOP, until somebody sends SIGCONT; lose: UNAVAILABLE in place of success. */
const ACTIONS = ["kill", "freeze", "lose"] as const

export type FailpointName = (typeof POINTS)[number]

interface Armed {
  point: FailpointName
  /** What the method's path ends with, such as "PaymentService/CreatePayment"; "" is every one. */
  method: string
  action: (typeof ACTIONS)[number]
  passesLeft: number
}

let armed: Armed[] | undefined

/** Arms what the setting names; throws a ConfigError for what it does not understand, and always in production. */
export function armFailpoints({ FAILPOINTS, NODE_ENV }: { FAILPOINTS: string | undefined; NODE_ENV: string }): void {
  armed = undefined
  if (!FAILPOINTS) return
  if (NODE_ENV === "production") {
    throw new ConfigError(
      "FAILPOINTS is set and NODE_ENV is production: a product that serves people does not fail on purpose",
    )
  }
  armed = FAILPOINTS.split(",").map(parse)
}

/** A pass through a named place. Throws UNAVAILABLE where an answer is to be lost. */
export function failpoint(point: FailpointName, method = ""): void {
  if (armed) pass(armed, point, method)
}

function parse(text: string): Armed {
  const [, point, method = "", action, passes = "1"] =
    /^([a-z-]+)(?:@([\w./]+))?=([a-z]+)(?:#([1-9]\d{0,5}))?$/.exec(text.trim()) ?? []
  const known = POINTS.find((each) => each === point)
  const does = ACTIONS.find((each) => each === action)
  if (!known || !does) {
    throw new ConfigError(
      `FAILPOINTS has ${JSON.stringify(text)}: must be point[@method]=action[#pass], point one of ${POINTS.join(", ")}, action one of ${ACTIONS.join(", ")}`,
    )
  }
  return { point: known, method, action: does, passesLeft: Number(passes) }
}

function pass(points: Armed[], point: FailpointName, method: string): void {
  const met = points.filter((each) => each.point === point && method.endsWith(each.method) && each.passesLeft > 0)
  for (const each of met) {
    each.passesLeft--
    if (each.passesLeft > 0) continue
    if (each.action === "lose") throw new Failure("UNAVAILABLE", "ANSWER_LOST", "The answer was lost on its way.")
    process.kill(process.pid, each.action === "kill" ? "SIGKILL" : "SIGSTOP")
  }
}
