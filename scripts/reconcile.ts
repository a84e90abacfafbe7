/**
 * `bun run reconcile [--days N] [--under-way SECONDS] [--json]`: compares, on a running Airside, our payments and ledger with Stripe's
 * record of N days (30), bookings with payments, points with bookings, and inventory with tickets and holds. Changes nothing. What moved
 * less than a minute ago (or than SECONDS) is under way and no difference. Exit codes: 0 all agree, 1 a difference, or
 * nothing could be compared.
 */

import { parseArgs } from "node:util"
import { ConfigError } from "@airside/kernel/config"
import { Failure } from "@airside/kernel/errors"
import { createSigner, ownIdentity } from "@airside/kernel/identity"
import { connect } from "@airside/kernel/rpc-client"
import { connectDatabase, databaseFailure } from "@airside/kernel/sql"
import { ListDifferencesRequest, PaymentRepairServiceService } from "@airside/protos/airside/repairs/v1/repairs"
import { readPeers } from "./grpc/peers.ts"
import { completeEnvironment, readInstallation } from "./launcher/settings.ts"
import { compareRecords, type Mismatch } from "./reconcile/compare-records.ts"

const USAGE = "usage: bun run reconcile [--days N] [--under-way SECONDS] [--json]"
/** What payment itself allows; an account with more than Stripe lists in that time is compared with fewer --days. */
const DEADLINE_SECONDS = 12
const DAY_MILLISECONDS = 24 * 3600 * 1000
/** What is compared beside charges and refunds, by the kind of a difference. */
const CHECKS: Record<string, string> = {
  ledger: "the ledger is the payments less the refunds",
  dispute: "a refund waits for an open dispute, or a lost one made up for it",
}

/** The command line is not as the usage says. */
class BadArguments extends Error {}

try {
  const { json, days, underWaySeconds } = readArguments()
  const environment = await completeEnvironment(readInstallation())
  const startTime = new Date(Date.now() - days * DAY_MILLISECONDS)
  const stripe = await compareWithStripe(environment.BACKEND_PRIVATE_KEY!, { startTime, underWaySeconds })
  const differences = [...stripe.mismatches, ...(await compareOurs(environment.DATABASE_URL!, underWaySeconds))]
  if (json) console.log(JSON.stringify({ charges: stripe.charges, refunds: stripe.refunds, differences }, null, 2))
  else for (const line of report(stripe, differences)) console.log(line)
  process.exit(differences.length > 0 ? 1 : 0)
} catch (error) {
  console.error(explain(error))
  process.exit(1)
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        json: { type: "boolean" },
        days: { type: "string", default: "30" },
        "under-way": { type: "string", default: "60" },
      },
    })
    for (const name of ["days", "under-way"] as const) {
      if (!/^\d{1,4}$/.test(values[name])) throw new Error(`--${name} must be a whole number`)
    }
    return { json: values.json ?? false, days: Number(values.days), underWaySeconds: Number(values["under-way"]) }
  } catch (error) {
    throw new BadArguments((error as Error).message)
  }
}

/** Payment asks Stripe, as the one who has the key; it answers backend, whose key an operator has. */
async function compareWithStripe(backendKey: string, span: { startTime: Date; underWaySeconds: number }) {
  const { credentials, addressOf } = readPeers()
  const payment = connect(PaymentRepairServiceService, addressOf.payment, {
    credentials,
    identity: ownIdentity(await createSigner("backend", JSON.parse(backendKey)), "backend"),
    deadlineSeconds: DEADLINE_SECONDS,
  })
  try {
    const { differences, charges, refunds } = await payment.listDifferences(ListDifferencesRequest.fromPartial(span))
    const mismatches = differences.map(({ kind, paymentId, bookingReference, stripeId, ours, theirs }) => ({
      check: CHECKS[kind] ?? `every ${kind} is at Stripe and here`,
      subject: [bookingReference, stripeId || paymentId].filter(Boolean).join(" "),
      expected: ours ? `${ours.minorUnits} ${ours.currency}` : "none",
      found: theirs ? `${theirs.minorUnits} ${theirs.currency}` : "none",
    }))
    return { mismatches, charges, refunds }
  } finally {
    payment.close()
  }
}

async function compareOurs(databaseUrl: string, underWaySeconds: number): Promise<Mismatch[]> {
  const database = connectDatabase({ url: databaseUrl, connections: 1, name: "reconcile" })
  try {
    return await database.inTransaction(async (tx) => {
      await tx`set transaction isolation level repeatable read, read only`
      return compareRecords(tx, underWaySeconds)
    })
  } finally {
    await database.close()
  }
}

function report({ charges, refunds }: { charges: number; refunds: number }, differences: Mismatch[]): string[] {
  const compared = `compared with Stripe: ${charges} charges, ${refunds} refunds`
  if (differences.length === 0) return [compared, "no differences"]
  const lines = differences.map(
    ({ check, subject, expected, found }) => `  ${check}: ${subject}: ${expected} expected, ${found} found`,
  )
  return [compared, `${differences.length} differences:`, ...lines]
}

function explain(error: unknown): string {
  if (error instanceof BadArguments) return `${error.message}\n${USAGE}`
  if (error instanceof ConfigError) return error.message
  const failure = error instanceof Failure ? error : databaseFailure(error)
  if (!failure) throw error
  if (failure.reason === "UNAVAILABLE") return "Airside does not run there: start it with bun run start"
  return `${failure.reason}: ${failure.message}`
}
