import { afterAll, beforeAll, expect, test } from "bun:test"
import { join } from "node:path"
import { rpcCredentials } from "@airside/kernel/credentials"
import { newId } from "@airside/kernel/ids"
import { connect } from "@airside/kernel/rpc-client"
import { startWorld, type World } from "@airside/kernel/testing"
import { AccountServiceService } from "@airside/protos/airside/accounts/v1/accounts"

let world: World
beforeAll(async () => {
  world = await startWorld(["stripe-sandbox", "payment", "loyalty", "backend"], { SANDBOX_WEBHOOK_URL: "" })
})
afterAll(() => world?.stop())

async function run(args: string[] = [], settings: Record<string, string> = {}) {
  const child = Bun.spawn([process.execPath, "--no-env-file", join(import.meta.dir, "seed-bank.ts"), ...args], {
    env: { PATH: process.env.PATH, ...world.environment, ...settings },
    stdout: "pipe",
    stderr: "pipe",
  })
  const [output, errors] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  return { code: await child.exited, output, errors }
}

const added = (output: string) => JSON.parse(output).added.length

test("without a demo traveller it says what to run first", async () => {
  const { code, errors } = await run()
  expect([code, errors.trim()]).toEqual([1, "there is no demo traveller: run bun run seed:demo first"])
})

test("a live key is refused before anything is asked", async () => {
  for (const key of ["sk_live_1", "rk_live_1"]) {
    const { code, errors } = await run([], { STRIPE_SECRET_KEY: key })
    expect(code).toBe(1)
    expect(errors).toContain("live key")
    expect(errors).not.toContain(key)
  }
})

test("dry it only says, then it saves each card once, and a second time none", async () => {
  const accounts = connect(AccountServiceService, world.environment.BACKEND_ADDRESS!, {
    credentials: rpcCredentials({}).client,
    deadlineSeconds: 10,
  })
  await accounts.register({
    requestId: newId(),
    username: "demo",
    email: "demo@example.com",
    password: "fly-with-airside",
    firstName: "Demo",
    lastName: "Traveller",
  })
  accounts.close()
  expect(added((await run(["--dry-run", "--json"])).output)).toBe(5)
  const first = await run()
  expect(first.code).toBe(0)
  expect(first.output).toContain("•••• 4242  Visa, pays")
  expect(added((await run(["--json"])).output)).toBe(0)
  expect((await run()).output.trim()).toBe("every test card is saved for demo")
})

test("a wrong option is named", async () => {
  const { code, errors } = await run(["--all"])
  expect(code).toBe(1)
  expect(errors).toContain("usage: bun run seed:bank")
})
