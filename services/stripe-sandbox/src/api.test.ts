import { afterAll, expect, test } from "bun:test"
import { connect } from "node:net"
import { header, refusal, testSandbox, until } from "./testing.ts"

const { stripe, url, stop, advance } = testSandbox()
afterAll(stop)

const fare = { amount: 5000, currency: "usd", allowed_payment_method_types: ["card"] }

test("a request without a test key is refused", async () => {
  for (const authorization of [undefined, "Bearer sk_live_123", "Bearer pk_test_123", "Basic Og=="]) {
    const response = await fetch(`${url}/v1/customers`, { headers: authorization ? { authorization } : {} })
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ error: { type: "invalid_request_error" } })
  }
  const basic = await fetch(`${url}/v1/customers`, { headers: { authorization: `Basic ${btoa("sk_test_airside:")}` } })
  expect(basic.status).toBe(200)
})

test("every answer carries its request id", async () => {
  const customer = await stripe.customers.create()
  expect(customer.lastResponse.requestId).toMatch(/^req_\w{24}$/)
  const error = await refusal(stripe.customers.retrieve("cus_none"))
  expect(error.requestId).toMatch(/^req_\w{24}$/)
})

test("unknown, missing and malformed parameters are named", async () => {
  const post = (path: string, body: string) =>
    fetch(`${url}/v1/${path}`, { method: "POST", body, headers: FORM }).then((response) => response.json())
  const seen = [
    await post("payment_intents", "amount=5000&currency=usd&colour=red"),
    await post("payment_intents", "amount=5000&currency=usd&automatic_payment_methods[colour]=red"),
    await post("payment_intents", "currency=usd"),
    await post("payment_intents", "amount=12.5&currency=usd"),
    await post("payment_intents", "amount=5000&currency="),
    await post("checkout/sessions", "mode=payment&success_url=https://a.example&line_items[0][quantity]=1"),
  ]
  expect(seen.map(({ error }) => [error.type, error.code, error.param])).toEqual([
    ["invalid_request_error", "parameter_unknown", "colour"],
    ["invalid_request_error", "parameter_unknown", "automatic_payment_methods[colour]"],
    ["invalid_request_error", "parameter_missing", "amount"],
    ["invalid_request_error", "parameter_invalid_integer", "amount"],
    ["invalid_request_error", "parameter_invalid_empty", "currency"],
    ["invalid_request_error", "parameter_missing", "line_items[0][price_data]"],
  ])
})

test("what is not there is not found, what a parameter refers to is a bad request", async () => {
  expect(await refusal(stripe.paymentIntents.retrieve("pi_none"))).toMatchObject({
    statusCode: 404,
    code: "resource_missing",
    message: "No such payment_intent: 'pi_none'",
  })
  expect(await refusal(stripe.refunds.create({ payment_intent: "pi_none" }))).toMatchObject({
    statusCode: 400,
    code: "resource_missing",
    param: "payment_intent",
  })
  const { status } = await fetch(`${url}/v1/subscriptions`, { headers: FORM })
  expect(status).toBe(404)
})

test("payment_method_types is refused, as by the version of the API that the SDK speaks", async () => {
  const withdrawn = { ...fare, payment_method_types: ["card"] }
  expect(await refusal(stripe.paymentIntents.create(withdrawn))).toMatchObject({
    statusCode: 400,
    code: "payment_method_types_no_longer_supported",
  })
})

test("a body that is too large, of another type or nested without end is refused", async () => {
  const post = (body: string, headers: Record<string, string> = FORM) =>
    fetch(`${url}/v1/customers`, { method: "POST", body, headers }).then((response) => response.status)
  expect(await post(`name=${"a".repeat(2 * 1024 * 1024)}`)).toBe(413)
  expect(await post("{}", { ...FORM, "content-type": "application/json" })).toBe(400)
  expect(await post(`metadata${"[a]".repeat(1000)}=1`)).toBe(400)
  expect(await post("metadata[a][b]=1")).toBe(400)
})

test("the same key and parameters replay the first answer, declines included", async () => {
  const create = () =>
    stripe.paymentIntents.create(
      { ...fare, confirm: true, payment_method: "pm_card_visa" },
      { idempotencyKey: "pay-1" },
    )
  const [first, second] = [await create(), await create()]
  expect(second).toEqual(first)
  expect(header(first, "idempotent-replayed")).toBeNull()
  expect(header(second, "idempotent-replayed")).toBe("true")
  expect((await stripe.charges.list({ payment_intent: first.id })).data).toHaveLength(1)

  const decline = () =>
    refusal(
      stripe.paymentIntents.create(
        { ...fare, confirm: true, payment_method: "pm_card_chargeDeclined" },
        { idempotencyKey: "pay-2" },
      ),
    )
  const [declined, again] = [await decline(), await decline()]
  expect(again).toMatchObject({ statusCode: 402, code: "card_declined" })
  expect(again.payment_intent?.id).toBe(declined.payment_intent?.id ?? "")
})

test("the order of parameters does not matter to a key", async () => {
  const headers = { ...FORM, "idempotency-key": "ordered" }
  const post = (body: string) => fetch(`${url}/v1/customers`, { method: "POST", body, headers })
  const first = await (await post("name=Ada&email=ada@example.com")).json()
  const second = await post("email=ada@example.com&name=Ada")
  expect(await second.json()).toEqual(first)
  expect(second.headers.get("idempotent-replayed")).toBe("true")
})

test("the same key with other parameters or another path is an idempotency_error", async () => {
  await stripe.customers.create({ name: "Ada" }, { idempotencyKey: "mixed" })
  for (const request of [
    stripe.customers.create({ name: "Grace" }, { idempotencyKey: "mixed" }),
    stripe.paymentIntents.create(fare, { idempotencyKey: "mixed" }),
  ]) {
    expect(await refusal(request)).toMatchObject({ type: "StripeIdempotencyError", statusCode: 400 })
  }
})

test("a refused request is replayed, too; an invalid one leaves its key free", async () => {
  const intent = await stripe.paymentIntents.create(fare)
  const refund = () => refusal(stripe.refunds.create({ payment_intent: intent.id }, { idempotencyKey: "early" }))
  const first = await refund()
  await stripe.paymentIntents.confirm(intent.id, { payment_method: "pm_card_visa" })
  expect(await refund()).toMatchObject({ statusCode: 400, message: first.message })

  await refusal(stripe.paymentIntents.create({ ...fare, amount: 0.5 }, { idempotencyKey: "fixed" }))
  expect(await stripe.paymentIntents.create(fare, { idempotencyKey: "fixed" })).toMatchObject({ amount: 5000 })
})

test("a twin that comes while the first is under way is told so", async () => {
  const first = await halfSent("name=Ada", "twin")
  const error = await refusal(stripe.customers.create({ name: "Ada" }, { idempotencyKey: "twin" }))
  expect(error).toMatchObject({ statusCode: 409, code: "idempotency_key_in_use" })
  expect(await first.finish()).toContain('"name":"Ada"')
  expect(await stripe.customers.create({ name: "Ada" }, { idempotencyKey: "twin" })).toMatchObject({ name: "Ada" })
})

test("a key is forgotten after 24 hours", async () => {
  const create = () => stripe.customers.create({ name: "Ada" }, { idempotencyKey: "daily" })
  const first = await create()
  advance(24 * 3600 + 1)
  expect((await create()).id).not.toBe(first.id)
})

test("lists go from the newest to the oldest, forwards and backwards", async () => {
  const email = "pages@example.com"
  const made: string[] = []
  for (let number = 0; number < 5; number++) made.unshift((await stripe.customers.create({ email })).id)
  const page = async (params: object) => {
    const { data, has_more, url } = await stripe.customers.list({ email, limit: 2, ...params })
    expect(url).toBe("/v1/customers")
    return [...data.map(({ id }) => made.indexOf(id)), has_more]
  }
  expect(await page({})).toEqual([0, 1, true])
  expect(await page({ starting_after: made[1] })).toEqual([2, 3, true])
  expect(await page({ starting_after: made[3] })).toEqual([4, false])
  expect(await page({ ending_before: made[4] })).toEqual([2, 3, true])
  expect(await page({ ending_before: made[1] })).toEqual([0, false])
  expect(await refusal(stripe.customers.list({ limit: 101 }))).toMatchObject({ statusCode: 400, param: "limit" })

  const all: string[] = []
  for await (const customer of stripe.customers.list({ email, limit: 2 })) all.push(customer.id)
  expect(all).toEqual(made)
})

test("expand replaces ids by objects, in lists too, and refuses what is no reference", async () => {
  const customer = await stripe.customers.create({ name: "Ada" })
  const intent = await stripe.paymentIntents.create({
    ...fare,
    customer: customer.id,
    confirm: true,
    payment_method: "pm_card_visa",
  })
  const refund = await stripe.refunds.create({ payment_intent: intent.id, expand: ["charge.payment_intent.customer"] })
  expect(refund).toMatchObject({ charge: { payment_intent: { id: intent.id, customer: { name: "Ada" } } } })
  const list = await stripe.paymentIntents.list({ customer: customer.id, expand: ["data.latest_charge.refunds"] })
  expect(list.data[0]).toMatchObject({ latest_charge: { refunded: true, refunds: { data: [{ id: refund.id }] } } })
  expect(await stripe.paymentIntents.retrieve(intent.id)).toMatchObject({ customer: customer.id })
  expect(await refusal(stripe.paymentIntents.retrieve(intent.id, { expand: ["amount"] }))).toMatchObject({
    param: "expand",
  })
})

const FORM = { authorization: "Bearer sk_test_airside", "content-type": "application/x-www-form-urlencoded" }

/** Sends a request but for the end of its body, and waits until the sandbox has seen it. */
async function halfSent(body: string, key: string) {
  const socket = connect(Number(new URL(url).port), "127.0.0.1")
  let answer = ""
  socket.on("data", (data) => {
    answer += data
  })
  const headers = Object.entries({
    ...FORM,
    host: "x",
    "idempotency-key": key,
    "content-length": body.length,
    connection: "close",
  })
  socket.write(
    `POST /v1/customers HTTP/1.1\r\n${headers.map((header) => header.join(": ")).join("\r\n")}\r\n\r\n${body.slice(0, 4)}`,
  )
  await until(async () => {
    const probe = await fetch(`${url}/v1/customers`, {
      method: "POST",
      headers: { ...FORM, "idempotency-key": key },
      body: "probe=1",
    })
    return probe.status === 409
  })
  return {
    async finish(): Promise<string> {
      socket.write(body.slice(4))
      await until(() => answer.endsWith("}"))
      socket.destroy()
      return answer
    },
  }
}
