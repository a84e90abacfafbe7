import { afterAll, beforeAll, expect, test } from "bun:test"
import { join } from "node:path"
import { rpcCredentials } from "@airside/kernel/credentials"
import { newId } from "@airside/kernel/ids"
import { connect } from "@airside/kernel/rpc-client"
import { connectDatabase } from "@airside/kernel/sql"
import { startWorld, type World } from "@airside/kernel/testing"
import { EarnPointsRequest, LoyaltyServiceService } from "@airside/protos/airside/loyalty/v1/loyalty"
import { seedTiers } from "../seed/tiers.ts"

let world: World
beforeAll(async () => {
  world = await startWorld(["loyalty"])
})
afterAll(() => world.stop())

const runMain = async (environment: Record<string, string>) => {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "main.ts")], {
    env: { PATH: process.env.PATH, ...environment },
    stdout: "ignore",
    stderr: "pipe",
  })
  return { exitCode: await child.exited, said: await new Response(child.stderr).text() }
}

test("the process serves backend, and keeps what it answered across a restart", async () => {
  const database = connectDatabase({ url: world.database.urlOf("loyalty"), connections: 1 })
  await seedTiers(database.sql)
  await database.close()
  const earn = async (request: EarnPointsRequest) => {
    const client = connect(LoyaltyServiceService, world.environment.LOYALTY_ADDRESS!, {
      credentials: rpcCredentials({}).client,
      identity: () => world.identityOf("backend"),
      deadlineSeconds: 5,
    })
    return client.earnPoints(request).finally(() => client.close())
  }
  const request = EarnPointsRequest.fromPartial({
    requestId: newId(),
    transactionId: newId(),
    userId: newId(),
    amount: { $case: "fare", value: { currency: "USD", minorUnits: 10_00n } },
    bookingReference: "REBOOT",
  })
  const answer = await earn(request)
  expect(answer.account?.balance).toBe(20n)
  await world.kill("loyalty")
  await world.start("loyalty")
  expect(await earn(request)).toEqual(answer)
})

test("a busy port: one line that says which setting moves it", async () => {
  const { exitCode, said } = await runMain(world.environment)
  const port = world.environment.LOYALTY_PORT
  expect(said.trim()).toBe(`port ${port} is busy: another program listens there; set LOYALTY_PORT to another one`)
  expect(exitCode).toBe(1)
})

test("bad settings: each of them is named", async () => {
  const { exitCode, said } = await runMain({ LOYALTY_PORT: "99999", SELLING_CURRENCY: "dollars" })
  expect(said).toContain("LOYALTY_PORT must be a whole number from 1 to 65535")
  expect(said).toContain("SELLING_CURRENCY must be an ISO 4217 code")
  expect(said).toContain("LOYALTY_DATABASE_URL is not set")
  expect(said).toContain("IDENTITY_PUBLIC_KEYS is not set")
  expect(exitCode).toBe(1)
})
