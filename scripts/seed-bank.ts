/**
 * `bun run seed:bank [--dry-run] [--json]`: saves Stripe's test cards for the demo traveller of a running Airside, as far
 * as they are missing; refused with a live key. Exit codes: 0 done, 1 failed or refused.
 */

import { parseArgs } from "node:util"
import { ConfigError } from "@airside/kernel/config"
import { Failure } from "@airside/kernel/errors"
import { connect, type RpcClient } from "@airside/kernel/rpc-client"
import { PaymentServiceService } from "@airside/protos/airside/payments/v1/payments"
import { logIn } from "./grpc/log-in.ts"
import { readPeers } from "./grpc/peers.ts"

const USAGE = "usage: bun run seed:bank [--dry-run] [--json]"
const DEADLINE_SECONDS = 15

/** In the order of their saving; lists show the newest first. */
const TEST_CARDS = [
  { paymentMethod: "pm_card_chargeCustomerFail", last4: "0341", about: "is saved, then declined at every payment" },
  { paymentMethod: "pm_card_authenticationRequired", last4: "3184", about: "asks for 3-D Secure" },
  { paymentMethod: "pm_card_amex", last4: "0005", about: "American Express, pays" },
  { paymentMethod: "pm_card_mastercard", last4: "4444", about: "Mastercard, pays" },
  { paymentMethod: "pm_card_visa", last4: "4242", about: "Visa, pays" },
]

type TestCard = (typeof TEST_CARDS)[number]
type Payments = RpcClient<typeof PaymentServiceService>

/** The command line is not as the usage says. */
class BadArguments extends Error {}

/** Test cards are not for real money. */
class LiveKey extends Error {}

try {
  const { dryRun, json } = readArguments()
  const { added, present } = await seedBank(dryRun)
  const names = (cards: TestCard[]) => cards.map(({ paymentMethod }) => paymentMethod)
  if (json) console.log(JSON.stringify({ dry_run: dryRun, added: names(added), present: names(present) }, null, 2))
  else for (const line of summary(added, dryRun)) console.log(line)
  process.exit(0)
} catch (error) {
  console.error(explain(error))
  process.exit(1)
}

function readArguments() {
  try {
    const { values } = parseArgs({ options: { "dry-run": { type: "boolean" }, json: { type: "boolean" } } })
    return { dryRun: values["dry-run"] ?? false, json: values.json ?? false }
  } catch (error) {
    throw new BadArguments((error as Error).message)
  }
}

/** The cards that were missing and are saved now (or, dry, would be), and those that were there. */
async function seedBank(dryRun: boolean): Promise<{ added: TestCard[]; present: TestCard[] }> {
  const { credentials, addressOf, isLive } = readPeers()
  if (isLive)
    throw new LiveKey("STRIPE_SECRET_KEY is a live key: test cards are for the sandbox and for Stripe's test mode")
  const token = await logIn("demo", { address: addressOf.backend, credentials })
  const payments = connect(PaymentServiceService, addressOf.payment, { credentials, deadlineSeconds: DEADLINE_SECONDS })
  try {
    const saved = await savedLast4(payments, token)
    const added = TEST_CARDS.filter(({ last4 }) => !saved.has(last4))
    for (const { paymentMethod } of dryRun ? [] : added) {
      await payments.addBankCard({ requestId: crypto.randomUUID(), paymentMethod }, { token })
    }
    return { added, present: TEST_CARDS.filter(({ last4 }) => saved.has(last4)) }
  } finally {
    payments.close()
  }
}

async function savedLast4(payments: Payments, token: string): Promise<Set<string>> {
  const { cards } = await payments.listBankCards({ pageSize: 100, pageToken: "" }, { token })
  return new Set(cards.map(({ last4 }) => last4))
}

function summary(added: TestCard[], dryRun: boolean): string[] {
  if (added.length === 0) return ["every test card is saved for demo"]
  const lines = added.map(({ last4, about }) => `  •••• ${last4}  ${about}`)
  return [dryRun ? "would be saved for demo:" : "saved for demo:", ...lines]
}

function explain(error: unknown): string {
  if (error instanceof BadArguments) return `${error.message}\n${USAGE}`
  if (error instanceof LiveKey || error instanceof ConfigError) return error.message
  if (!(error instanceof Failure)) throw error
  if (error.reason === "WRONG_CREDENTIALS") return "there is no demo traveller: run bun run seed:demo first"
  if (error.reason === "UNAVAILABLE") return "Airside does not run there: start it with bun run start"
  return `${error.reason}: ${error.message}`
}
