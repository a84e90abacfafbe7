import { afterEach, expect, test } from "bun:test"
import { join } from "node:path"
import { identities } from "../test/probe.ts"
import { Failure } from "./errors.ts"
import { armFailpoints, failpoint } from "./failpoints.ts"
import { freePorts } from "./testing.ts"

const arm = (FAILPOINTS: string | undefined, NODE_ENV = "test") => armFailpoints({ FAILPOINTS, NODE_ENV })
const outcome = (...at: Parameters<typeof failpoint>) => {
  try {
    failpoint(...at)
    return "passed"
  } catch (error) {
    return error instanceof Failure ? error.reason : String(error)
  }
}
afterEach(() => arm(undefined))

test("a failpoint acts at its pass, at its method, once", () => {
  arm("after-foreign-call@PaymentService/CreatePayment=lose#2")
  const path = "/airside.payments.v1.PaymentService/CreatePayment"
  expect(outcome("before-foreign-call", path)).toBe("passed")
  expect(outcome("after-foreign-call", "/airside.payments.v1.PaymentService/CancelPayment")).toBe("passed")
  const outcomes = [1, 2, 3].map(() => outcome("after-foreign-call", path))
  expect(outcomes).toEqual(["passed", "ANSWER_LOST", "passed"])
})

test("nothing is armed unless the setting names it", () => {
  arm(undefined)
  expect(outcome("before-answer")).toBe("passed")
})

test("what it does not understand is refused", () => {
  for (const text of ["before-lunch=kill", "before-answer=explode", "before-answer", "before-answer=kill#0"]) {
    expect(() => arm(text)).toThrow("FAILPOINTS")
  }
})

test("a process in production does not start with one", async () => {
  const { kty, crv, x } = identities.privateKeys.backend
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "../test/serve-nothing.ts")], {
    env: {
      PATH: process.env.PATH!,
      LOYALTY_PORT: String(freePorts(1)[0]),
      LOYALTY_DATABASE_URL: "postgres://nobody@127.0.0.1:1/nothing",
      IDENTITY_PUBLIC_KEYS: JSON.stringify({ keys: [{ kty, crv, x, kid: "backend", alg: "EdDSA" }] }),
      FAILPOINTS: "before-answer=kill",
      NODE_ENV: "production",
    },
    stdout: "pipe",
    stderr: "pipe",
  })
  expect(await child.exited).toBe(1)
  expect((await new Response(child.stderr).text()).trim()).toBe(
    "FAILPOINTS is set and NODE_ENV is production: a product that serves people does not fail on purpose",
  )
})
