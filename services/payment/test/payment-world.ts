import { rpcCredentials } from "@airside/kernel/credentials"
import { Failure } from "@airside/kernel/errors"
import { type Caller, createSigner } from "@airside/kernel/identity"
import { newId } from "@airside/kernel/ids"
import { connect, type RpcClient } from "@airside/kernel/rpc-client"
import { connectDatabase, type Sql } from "@airside/kernel/sql"
import { startWorld, type World } from "@airside/kernel/testing"
import {
  CreatePaymentRequest,
  PaymentServiceService,
  ProcessPaymentRequest,
} from "@airside/protos/airside/payments/v1/payments"
import type Stripe from "stripe"
import { createStripe } from "../src/stripe/client.ts"
import { type StripeWire, startStripeWire } from "./stripe-wire.ts"

/** startWorld's. */
const WEBHOOK_SECRET = "whsec_airside_tests"

export type Payments = RpcClient<typeof PaymentServiceService>

/** The payment service, the sandbox behind a wire that can be disturbed, and everybody who calls. */
export interface PaymentWorld {
  world: World
  sql: Sql
  /** Straight to the sandbox, as the operator's dashboard would. */
  stripe: Stripe
  wire: StripeWire
  backend: Payments
  ui: Payments
  anonymous: Payments
  person(userId: string, staff?: boolean): Payments
  guest(bookingId: string): Payments
  stop(): Promise<void>
}

export async function startPaymentWorld(settings: Record<string, string> = {}): Promise<PaymentWorld> {
  const wire = startStripeWire()
  const world = await startWorld(["stripe-sandbox", "payment"], {
    STRIPE_API_BASE: wire.url,
    SANDBOX_WEBHOOK_URL: "",
    ...settings,
  })
  const { environment } = world
  wire.connectTo(`http://127.0.0.1:${environment.SANDBOX_PORT}`)
  const signer = await createSigner("backend", JSON.parse(environment.BACKEND_PRIVATE_KEY!))
  const database = connectDatabase({ url: environment.PAYMENT_DATABASE_URL!, connections: 2 })
  const clients: { close(): void }[] = []
  const client = (identity?: () => Promise<string>): Payments => {
    const options = { credentials: rpcCredentials({}).client, deadlineSeconds: 12 }
    const made = connect(
      PaymentServiceService,
      environment.PAYMENT_ADDRESS!,
      identity ? { ...options, identity } : options,
    )
    clients.push(made)
    return made
  }
  const speakingFor = (caller: Caller) => client(() => signer.sign(caller))
  return {
    world,
    sql: database.sql,
    stripe: createStripe("sk_test_airside", `http://127.0.0.1:${environment.SANDBOX_PORT}`),
    wire,
    backend: client(() => world.identityOf("backend")),
    ui: client(() => world.identityOf("ui")),
    anonymous: client(),
    person: (userId, staff = false) => speakingFor({ kind: "person", userId, sessionId: "s", staff }),
    guest: (bookingId) => speakingFor({ kind: "guest", bookingId, sessionId: "s" }),
    async stop() {
      for (const each of clients) each.close()
      await database.close()
      await world.stop()
      wire.stop()
    },
  }
}

/** A request of backend's for 123.45 USD by a person, unless `facts` say otherwise. */
export const paymentRequest = (facts: Partial<CreatePaymentRequest> = {}): CreatePaymentRequest =>
  CreatePaymentRequest.fromPartial({
    requestId: newId(),
    paymentId: newId(),
    bookingId: newId(),
    bookingReference: "K7M2QX",
    userId: newId(),
    amount: { currency: "USD", minorUnits: 12_345n },
    description: "Airside booking K7M2QX",
    email: "ada@example.com",
    ...facts,
  })

export async function createPayment(world: PaymentWorld, facts: Partial<CreatePaymentRequest> = {}) {
  const { payment } = await world.backend.createPayment(paymentRequest(facts))
  return payment!
}

export const byMethod = (paymentId: string, value: string, returnUrl = ""): ProcessPaymentRequest =>
  ProcessPaymentRequest.fromPartial({
    requestId: newId(),
    paymentId,
    method: { $case: "paymentMethod", value },
    returnUrl,
  })

export const bySavedCard = (paymentId: string, value: string): ProcessPaymentRequest =>
  ProcessPaymentRequest.fromPartial({ requestId: newId(), paymentId, method: { $case: "bankCardId", value } })

export const onHostedPage = (paymentId: string, checkoutKey = ""): ProcessPaymentRequest =>
  ProcessPaymentRequest.fromPartial({
    requestId: newId(),
    paymentId,
    method: {
      $case: "hostedPage",
      value: { successUrl: "http://shop.test/back", cancelUrl: "http://shop.test/cancel", checkoutKey },
    },
  })

/** A payment of a person's that a card has paid. */
export async function paidPayment(world: PaymentWorld, facts: Partial<CreatePaymentRequest> = {}) {
  const payment = await createPayment(world, facts)
  const { payment: paid } = await world.person(payment.userId).processPayment(byMethod(payment.id, "pm_card_visa"))
  return paid!
}

/** Types a card into the hosted page, as a browser would. */
export function payOnPage(url: string, number = "4242424242424242"): Promise<Response> {
  const form = new URLSearchParams({ card_number: number, expiry: "12/40", cvc: "123", name: "Ada Lovelace" })
  return fetch(url, { method: "POST", body: form, redirect: "manual" })
}

/** Every object at Stripe that belongs to the payment, and how many of them can still take money. */
export async function objectsOf({ stripe }: PaymentWorld, paymentId: string) {
  const isOurs = (object: { metadata: Stripe.Metadata | null }) => object.metadata?.payment_id === paymentId
  const intents = (await stripe.paymentIntents.list({ limit: 100 })).data.filter(isOurs)
  const sessions = (await stripe.checkout.sessions.list({ limit: 100 })).data.filter(isOurs)
  const ofSession = new Set(sessions.map((session) => session.payment_intent))
  const openIntents = intents.filter(
    (each) => !["canceled", "succeeded"].includes(each.status) && !ofSession.has(each.id),
  )
  const openSessions = sessions.filter((each) => each.status === "open")
  const paid = intents.filter((each) => each.status === "succeeded")
  return { intents, sessions, paid, open: [...openIntents, ...openSessions] }
}

/** The reason that a call was refused for; "none" when it was not. */
export async function reasonOf(call: Promise<unknown>): Promise<string> {
  try {
    await call
    return "none"
  } catch (error) {
    if (error instanceof Failure) return error.reason
    throw error
  }
}

/** Signed as Stripe does it: HMAC-SHA256 over time and body. https://docs.stripe.com/webhooks/signature */
export function signed(body: object | string, { secret = WEBHOOK_SECRET, ageSeconds = 0 } = {}) {
  const text = typeof body === "string" ? body : JSON.stringify(body)
  const time = Math.floor(Date.now() / 1000) - ageSeconds
  const signature = new Bun.CryptoHasher("sha256", secret).update(`${time}.${text}`).digest("hex")
  return { payload: Buffer.from(text), signature: `t=${time},v1=${signature}` }
}

/** Passes on every event that Stripe has made of the payment so far, as ui would; answers their types. */
export async function deliverEvents(world: PaymentWorld, paymentId: string, { reversed = false } = {}) {
  const { paid } = await objectsOf(world, paymentId)
  const intents = new Set(paid.map(({ id }) => id))
  const { data } = await world.stripe.events.list({ limit: 100 })
  const ours = data.filter(({ data: { object } }) => {
    const { id, payment_intent } = object as { id?: string; payment_intent?: string }
    return intents.has(id ?? "") || intents.has(payment_intent ?? "")
  })
  // Stripe lists the newest first.
  for (const event of reversed ? ours : ours.toReversed()) await world.ui.recordWebhook(signed(event))
  return ours.map(({ type }) => type)
}
