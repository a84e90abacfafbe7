import { afterAll, beforeAll, expect, test } from "bun:test"
import { join } from "node:path"
import { connectDatabase } from "@airside/kernel/sql"
import { freePorts, startWorld, type World } from "@airside/kernel/testing"
import { seedTiers } from "../services/loyalty/seed/tiers.ts"

const PASSWORD = "a long enough password"
let world: World
let userId: string

beforeAll(async () => {
  world = await startWorld(["loyalty", "backend"])
  const database = connectDatabase({ url: world.database.urlOf("loyalty"), connections: 1 })
  await seedTiers(database.sql)
  await database.close()
  const ada = { username: "ada", email: "ada@example.com", password: PASSWORD, first_name: "Ada", last_name: "L" }
  const registered = await grpc(["accounts.Register", JSON.stringify(ada)])
  userId = JSON.parse(registered.out).user.id
}, 60_000)
afterAll(() => world.stop())

async function grpc(args: string[], { environment = {}, stdin = "" } = {}) {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "grpc.ts"), ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...world.environment, ...environment },
    stdin: new Blob([stdin]),
    stdout: "pipe",
    stderr: "pipe",
  })
  const [out, error] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  return { code: await child.exited, out, error }
}

test("an answer is JSON with the protos' names, 64-bit numbers as text, and zeros too", async () => {
  const { code, out } = await grpc(["LoyaltyService/ListTiers", '{"page_size": 1}'])
  const answer = JSON.parse(out)
  expect(answer.tiers[0]).toMatchObject({ name: "bronze", minimum_points: "0", earning_percent: 100 })
  expect(answer.next_page_token).not.toBe("")
  expect(code).toBe(0)
})

test("a call as somebody logs in first, with a password from either place", async () => {
  for (const given of [
    { args: ["--as", "ada", "--password", PASSWORD] },
    { args: ["--as", `ada@example.com:${PASSWORD}`] },
    { args: ["--as", "ada"], environment: { AIRSIDE_PASSWORD: PASSWORD } },
  ]) {
    const { out } = await grpc(["airside.loyalty.v1.LoyaltyService/GetAccount", "-", ...given.args], {
      environment: given.environment,
      stdin: '{"user_id": "me"}',
    })
    expect(JSON.parse(out).account).toMatchObject({ user_id: userId, balance: "0", tier: "bronze" })
  }
})

test("an instant is RFC 3339; request_id is made up where one is wanted", async () => {
  const { out } = await grpc(["accounts/LogIn", JSON.stringify({ username: "ada", password: PASSWORD })])
  const { access_token, expire_time } = JSON.parse(out)
  expect(expire_time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
  const identity = await grpc(["accounts/Authenticate", JSON.stringify({ access_token })])
  expect(JSON.parse(identity.out).user.username).toBe("ada")
  const withToken = await grpc(["loyalty.GetAccount", "--as", `guest:${access_token}`])
  expect(JSON.parse(withToken.out).account.user_id).toBe(userId)
})

test("a refusal prints code, reason and fields, and the exit code is 1", async () => {
  const anonymous = await grpc(["loyalty.GetAccount"])
  expect(anonymous.error).toStartWith("UNAUTHENTICATED LOG_IN_REQUIRED: ")
  const wrong = await grpc(["loyalty.GetAccount", "--as", "ada", "--password", "not hers"])
  expect(wrong.error).toStartWith("UNAUTHENTICATED WRONG_CREDENTIALS: ")
  const badField = await grpc(["loyalty.ListTiers", '{"page_size": 1000}'])
  expect(badField.error).toMatch(/^INVALID_ARGUMENT INVALID_REQUEST: .*\n {2}page_size: must be/)
  expect([anonymous.code, wrong.code, badField.code]).toEqual([1, 1, 1])
})

test("a package of two services: each is asked where it is served", async () => {
  const refused = await grpc(["BookingRepairService/ListStuckBookings"])
  expect(refused.error).toStartWith("UNAUTHENTICATED LOG_IN_REQUIRED: ")
  // This world has no payment.
  const nobody = await grpc(["PaymentRepairService/ListUnmatchedEvents"])
  expect(nobody.error).toStartWith("UNAVAILABLE UNAVAILABLE: ")
})

test("what the protos do not know is said before anything is called", async () => {
  expect((await grpc(["loyalty.ListTiers", '{"pages": 2}'])).error).toContain('key "pages" is unknown')
  expect((await grpc(["loyalty.ListTiers", "[]"])).error).toStartWith("the request must be a JSON object")
  expect((await grpc(["loyalty.Nothing"])).error).toContain("it has ListTiers, GetAccount")
  expect((await grpc(["nothing.ListTiers"])).error).toStartWith("there is no service nothing")
  expect((await grpc(["Health/Watch", "--address", "127.0.0.1:1"])).error).toStartWith("Health/Watch is a stream")
  expect((await grpc(["loyalty.GetAccount", "--as", "grace"])).error.trim()).toBe(
    "grace needs --password or AIRSIDE_PASSWORD",
  )
})

test("an address of one's own; where nobody answers, the error says so", async () => {
  const [nobody] = freePorts(1)
  const there = await grpc(["Health/Check", "--address", world.environment.LOYALTY_ADDRESS!])
  expect(JSON.parse(there.out)).toEqual({ status: "SERVING" })
  const gone = await grpc(["Health/Check", "--address", `127.0.0.1:${nobody}`])
  expect(gone.error).toStartWith("UNAVAILABLE UNAVAILABLE: ")
  expect(gone.code).toBe(1)
})

test("list and describe answer without any server", async () => {
  const list = await grpc(["list"])
  expect(list.out).toContain("airside.bookings.v1.BookingService\n  PriceBooking\n")
  const { out } = await grpc(["describe", "LoyaltyService/EarnPoints"])
  expect(out).toContain("// Credits points for a fare (backend)")
  expect(out).toContain("    fare: Money (one of amount)")
  expect(out).toContain("    kind: POINTS_KIND_UNSPECIFIED | POINTS_KIND_EARN")
  expect(out).not.toContain("RedeemPoints")
})
