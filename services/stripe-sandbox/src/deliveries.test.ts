import { afterEach, expect, test } from "bun:test"
import { rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type Stripe from "stripe"
import type { WebhookEndpoint } from "./sandbox.ts"
import { testSandbox, until } from "./testing.ts"

const SECRET = "whsec_of_the_test"
const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

test("events arrive with a signature that Stripe's SDK accepts", async () => {
  const shop = receiver(() => 200)
  const { stripe } = sandbox(shop.url)
  const customer = await stripe.customers.create({ name: "Ada – é" })
  await until(() => shop.seen.length === 1)
  const { body, signature } = shop.seen[0] ?? { body: "", signature: "" }
  const event = await stripe.webhooks.constructEventAsync(body, signature, SECRET)
  expect(event).toMatchObject({ type: "customer.created", data: { object: { id: customer.id, name: "Ada – é" } } })
  expect(event.request?.id).toBe(customer.lastResponse.requestId)
  await expect(stripe.webhooks.constructEventAsync(body, signature, "whsec_other")).rejects.toThrow()
  await until(async () => (await stripe.events.retrieve(event.id)).pending_webhooks === 0)
})

const PAID_AT_ONCE: Stripe.PaymentIntentCreateParams = {
  amount: 5000,
  currency: "usd",
  allowed_payment_method_types: ["card"],
  payment_method: "pm_card_visa",
  confirm: true,
}

test("a payment is told as a whole", async () => {
  const shop = receiver(() => 200)
  const { stripe } = sandbox(shop.url)
  await stripe.paymentIntents.create(PAID_AT_ONCE)
  await until(() => shop.seen.length === 3)
  expect(shop.types()).toEqual(["charge.succeeded", "payment_intent.created", "payment_intent.succeeded"])
})

test("an endpoint is told of the events that it wants, and of the others nothing waits", async () => {
  const shop = receiver(() => 200)
  const enabledEvents = ["payment_intent.succeeded" as const]
  const { stripe } = sandbox(shop.url, ":memory:", { enabledEvents })
  await stripe.paymentIntents.create(PAID_AT_ONCE)
  const { data } = await stripe.events.list()
  expect(data.map(({ type }) => type).sort()).toEqual([
    "charge.succeeded",
    "payment_intent.created",
    "payment_intent.succeeded",
  ])
  const others = data.filter(({ type }) => type !== "payment_intent.succeeded")
  expect(others.map((event) => event.pending_webhooks)).toEqual([0, 0])
  await until(async () => (await stripe.events.list()).data.every((event) => event.pending_webhooks === 0))
  expect(shop.types()).toEqual(["payment_intent.succeeded"])
})

test("a delivery that fails is repeated until it is taken", async () => {
  const answers = [500, 302]
  const shop = receiver((event) => (event.type === "customer.created" && answers.shift()) || 200)
  const { stripe, advance } = sandbox(shop.url)
  const customer = await stripe.customers.create()
  const [event] = (await stripe.events.list()).data
  const attempts = () => shop.seen.filter(({ body }) => JSON.parse(body).id === event?.id).length
  await until(() => attempts() === 1)
  expect(event?.pending_webhooks).toBe(1)
  // The pauses are one and two seconds of the sandbox's clock; a further event makes it look at once.
  for (const attempt of [2, 3]) {
    advance(10)
    await stripe.customers.update(customer.id, { name: `Ada ${attempt}` })
    await until(() => attempts() === attempt)
  }
  await until(async () => (await stripe.events.retrieve(event?.id ?? "")).pending_webhooks === 0)
})

test("an event that was not taken is delivered after a restart", async () => {
  const databaseFile = join(tmpdir(), `stripe-sandbox-${crypto.randomUUID()}.sqlite`)
  closing.push(() => {
    for (const suffix of ["", "-wal", "-shm"]) rmSync(databaseFile + suffix, { force: true })
  })
  const closed = receiver(() => 503)
  const first = testSandbox({ databaseFile, webhook: { url: closed.url, secret: SECRET } })
  const customer = await first.stripe.customers.create()
  await until(() => closed.seen.length === 1)
  await first.stop()

  const open = receiver(() => 200)
  sandbox(open.url, databaseFile)
  await until(() => open.seen.length === 1)
  expect(JSON.parse(open.seen[0]?.body ?? "")).toMatchObject({ data: { object: { id: customer.id } } })
})

test("held events wait, and come in the order and as often as asked for", async () => {
  const shop = receiver(() => 200)
  const { stripe, url } = sandbox(shop.url)
  const say = (path: string, body = "") =>
    fetch(`${url}/sandbox/${path}`, { method: "POST", body, headers: FORM }).then((answer) => answer.json())
  await say("webhooks", "held=true")
  const names = ["Ada", "Grace", "Mary"]
  for (const name of names) await stripe.customers.create({ name })
  expect(await say("webhooks", "order=newest&copies=2")).toMatchObject({ held: true, waiting: 3 })
  expect(shop.seen).toEqual([])
  await say("webhooks", "held=false")
  await until(() => shop.seen.length === 6)
  const seen = shop.seen.map(({ body }) => JSON.parse(body).data.object.name)
  expect(seen).toEqual(["Mary", "Mary", "Grace", "Grace", "Ada", "Ada"])
})

test("one event is delivered again on demand, with its own id", async () => {
  const shop = receiver(() => 200)
  const { stripe, url } = sandbox(shop.url)
  await stripe.customers.create({ name: "Ada" })
  await until(() => shop.seen.length === 1)
  const [event] = (await stripe.events.list()).data
  await until(async () => (await stripe.events.retrieve(event!.id)).pending_webhooks === 0)
  const deliver = (id: string, headers: Record<string, string> = FORM) =>
    fetch(`${url}/sandbox/events/${id}/deliver`, { method: "POST", headers })
  expect((await deliver(event!.id)).status).toBe(200)
  await until(() => shop.seen.length === 2)
  expect(shop.seen.map(({ body }) => JSON.parse(body).id)).toEqual([event!.id, event!.id])
  expect((await deliver("evt_none")).status).toBe(404)
  expect((await deliver(event!.id, {})).status).toBe(401)
})

const FORM = { authorization: "Bearer sk_test_airside", "content-type": "application/x-www-form-urlencoded" }

function sandbox(url: string, databaseFile = ":memory:", endpoint: Partial<WebhookEndpoint> = {}) {
  const started = testSandbox({ databaseFile, webhook: { url, secret: SECRET, ...endpoint } })
  closing.push(started.stop)
  return started
}

/** A shop's webhook endpoint. */
function receiver(status: (event: Stripe.Event) => number) {
  const seen: { body: string; signature: string }[] = []
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const body = await request.text()
      seen.push({ body, signature: request.headers.get("stripe-signature") ?? "" })
      return new Response(null, { status: status(JSON.parse(body)), headers: { location: "/elsewhere" } })
    },
  })
  closing.push(() => server.stop(true))
  const types = () => seen.map(({ body }) => (JSON.parse(body) as Stripe.Event).type).sort()
  return { url: `http://127.0.0.1:${server.port}/webhook`, seen, types }
}
