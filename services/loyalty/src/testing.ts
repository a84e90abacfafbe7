import { rpcCredentials } from "@airside/kernel/credentials"
import { type Caller, createSigner, createVerifier } from "@airside/kernel/identity"
import { newId } from "@airside/kernel/ids"
import { createLog } from "@airside/kernel/log"
import { connect, type RpcClient } from "@airside/kernel/rpc-client"
import { startRpcServer } from "@airside/kernel/rpc-server"
import { connectDatabase, type Sql } from "@airside/kernel/sql"
import { createTestDatabase } from "@airside/kernel/testing"
import {
  EarnPointsRequest,
  GetAccountRequest,
  LoyaltyServiceService,
  RedeemPointsRequest,
  ReversePointsRequest,
} from "@airside/protos/airside/loyalty/v1/loyalty"
import { seedTiers } from "../seed/tiers.ts"
import type { Context } from "./context.ts"
import { services } from "./services.ts"

type Part<T> = Partial<Omit<T, "amount">>

/** Loyalty on a port and a database of its own, for one test file. */
export interface Loyalty {
  client: RpcClient<typeof LoyaltyServiceService>
  context: Context
  sql: Sql
  tokenOf(caller: Caller): Promise<string>
  /** Calls as backend makes them, with ids of their own unless given. */
  earn(
    userId: string,
    fareMinorUnits: bigint,
    part?: Part<EarnPointsRequest>,
  ): ReturnType<Loyalty["client"]["earnPoints"]>
  redeem(
    userId: string,
    points: bigint,
    part?: Part<RedeemPointsRequest>,
  ): ReturnType<Loyalty["client"]["redeemPoints"]>
  reverse(
    userId: string,
    transactionId: string,
    part?: Part<ReversePointsRequest>,
  ): ReturnType<Loyalty["client"]["reversePoints"]>
  /** As staff. */
  adjust(userId: string, points: bigint, part?: Part<EarnPointsRequest>): ReturnType<Loyalty["client"]["earnPoints"]>
  accountOf(userId: string): Promise<NonNullable<Awaited<ReturnType<Loyalty["client"]["getAccount"]>>["account"]>>
  /** Makes a lot expire so many days from now; 0: at once. */
  setExpiry(userId: string, lotId: string, daysFromNow: number): Promise<void>
  stop(): Promise<void>
}

export const STAFF: Caller = { kind: "person", userId: newId(), sessionId: "s", staff: true }
export const person = (userId: string): Caller => ({ kind: "person", userId, sessionId: "s", staff: false })

export async function startLoyalty({ sellingCurrency = "USD" } = {}): Promise<Loyalty> {
  const testDatabase = await createTestDatabase()
  const database = connectDatabase({ url: testDatabase.urlOf("loyalty"), name: "loyalty-test" })
  await seedTiers(database.sql)
  const context: Context = { database, sellingCurrency }
  const { signer, verifier } = await createIdentities()
  const server = await startRpcServer({
    host: "127.0.0.1",
    port: 0,
    credentials: rpcCredentials({}).server,
    verifier,
    log: createLog("loyalty", "warn"),
    context,
    services,
    checkDependencies: () => database.sql`select 1`,
  })
  const client = connect(LoyaltyServiceService, `127.0.0.1:${server.port}`, {
    credentials: rpcCredentials({}).client,
    deadlineSeconds: 15,
  })
  const tokenOf = (caller: Caller) => signer.sign(caller)
  const backend = { token: await tokenOf({ kind: "service", name: "backend" }) }
  const staff = { token: await tokenOf(STAFF) }
  const ids = () => ({ requestId: newId(), transactionId: newId(), bookingReference: newReference() })
  return {
    client,
    context,
    sql: database.sql,
    tokenOf,
    earn(userId, minorUnits, part) {
      const amount = { $case: "fare" as const, value: { currency: sellingCurrency, minorUnits } }
      return client.earnPoints(EarnPointsRequest.fromPartial({ ...ids(), userId, amount, ...part }), backend)
    },
    redeem: (userId, points, part) =>
      client.redeemPoints(RedeemPointsRequest.fromPartial({ ...ids(), userId, points, ...part }), backend),
    reverse: (userId, transactionId, part) =>
      client.reversePoints(
        ReversePointsRequest.fromPartial({ requestId: newId(), userId, transactionId, ...part }),
        backend,
      ),
    adjust(userId, value, part) {
      const amount = { $case: "points" as const, value }
      const request = { requestId: newId(), userId, amount, reason: "Goodwill for a late flight", ...part }
      return client.earnPoints(EarnPointsRequest.fromPartial(request), staff)
    },
    async accountOf(userId) {
      const { account } = await client.getAccount(GetAccountRequest.fromPartial({ userId }), backend)
      return account!
    },
    async setExpiry(userId, lotId, daysFromNow) {
      await database.sql`
        update lots
        set expire_time = now() + ${daysFromNow}::integer * interval '1 day'
        where user_id = ${userId} and id = ${lotId}`
    },
    async stop() {
      client.close()
      await server.drain()
      await database.close()
      await testDatabase.drop()
    },
  }
}

/** The reason that a call was refused with; undefined when it was answered. */
export async function reasonOf(call: Promise<unknown>): Promise<string | undefined> {
  return call.then(
    () => undefined,
    (error) => error.reason ?? String(error),
  )
}

/** The fields that an INVALID_REQUEST names. */
export async function fieldsOf(call: Promise<unknown>): Promise<string[]> {
  return call.then(
    () => [],
    (error) => error.fields.map((problem: { field: string }) => problem.field),
  )
}

const newReference = () => crypto.randomUUID().slice(0, 6).toUpperCase()

async function createIdentities() {
  const pair = (await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"])) as CryptoKeyPair
  const { kty, crv, x, d } = await crypto.subtle.exportKey("jwk", pair.privateKey)
  const publicKey = { kty: kty!, crv, x, kid: "backend", alg: "EdDSA" }
  return {
    signer: await createSigner("backend", { ...publicKey, d }),
    verifier: createVerifier({ keys: [publicKey] }, "loyalty"),
  }
}
