import { afterAll, expect, test } from "bun:test"
import type Stripe from "stripe"
import { card, refusal, submit, testSandbox } from "./testing.ts"

const { stripe, stop, advance } = testSandbox()
afterAll(stop)

test("a session is paid on its page, and leads back to the shop", async () => {
  const session = await trip({ metadata: { booking: "ABC234" } })
  expect(session).toMatchObject({
    status: "open",
    payment_status: "unpaid",
    amount_total: 15_500,
    payment_intent: null,
  })
  const page = await (await fetch(session.url ?? "")).text()
  expect(page).toContain("$155.00")
  expect(page).toContain("DEL → BOM &lt;b&gt;&amp;&quot;")
  expect(page).toContain('href="https://shop.example/back?a=1&amp;b=2"')

  const { status, location } = await submit(session.url ?? "", card("4242 4242 4242 4242"))
  expect([status, location]).toEqual([303, `https://shop.example/done?session=${session.id}`])
  const paid = await stripe.checkout.sessions.retrieve(session.id, {
    expand: ["payment_intent.latest_charge", "line_items"],
  })
  expect(paid).toMatchObject({
    status: "complete",
    payment_status: "paid",
    url: null,
    metadata: { booking: "ABC234" },
    customer_details: { email: "ada@example.com", name: "Ada Lovelace" },
    payment_intent: {
      status: "succeeded",
      amount: 15_500,
      metadata: { payment_id: "p-7" },
      latest_charge: { paid: true },
    },
  })
  expect(paid.line_items?.data.map((item) => item.amount_total)).toEqual([15_000, 500])
})

test("a second pay on a completed session shows that it is done, and takes nothing", async () => {
  const session = await trip()
  const first = await submit(session.url ?? "", card("4242424242424242"))
  const second = await submit(session.url ?? "", card("4242424242424242"))
  expect([first.status, second.status]).toEqual([303, 200])
  expect(second.page).toContain("Already paid")
  const { payment_intent } = await stripe.checkout.sessions.retrieve(session.id)
  expect((await stripe.charges.list({ payment_intent: payment_intent as string })).data).toHaveLength(1)
})

test("a decline shows its message beside the form, keeps what was typed, and the next card pays", async () => {
  const session = await trip()
  const declined = await submit(session.url ?? "", card("4000000000009995", { name: 'Ada "><script>' }))
  expect(declined.status).toBe(402)
  expect(declined.page).toContain("Your card has insufficient funds.")
  expect(declined.page).toContain('value="4000000000009995"')
  expect(declined.page).toContain("Ada &quot;&gt;&lt;script&gt;")
  expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({ status: "open" })
  expect((await submit(session.url ?? "", card("5555555555554444"))).status).toBe(303)
})

test("bad input is shown beside its field and creates nothing", async () => {
  const session = await trip()
  const { status, page } = await submit(session.url ?? "", { card_number: "42", expiry: "13/20", cvc: "x", name: "" })
  expect(status).toBe(422)
  for (const field of ["card_number", "expiry", "cvc", "name"]) expect(page).toContain(`id="${field}-error"`)
  expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({ payment_intent: null })
})

test("3-D Secure on the page: completed it pays, failed it leads back to the form", async () => {
  const session = await trip()
  const first = await submit(session.url ?? "", card("4000002500003155"))
  expect(first.location).toContain("/3ds/pi_")
  const failed = await submit(first.location, { outcome: "fail" })
  expect(failed.location).toBe(session.url ?? "")
  expect(await (await fetch(failed.location)).text()).toContain("could not authenticate you")

  const second = await submit(session.url ?? "", card("4000002500003155"))
  const done = await submit(second.location, { outcome: "complete" })
  expect(done.location).toBe(`https://shop.example/done?session=${session.id}`)
  expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
    status: "complete",
    payment_status: "paid",
  })
})

test("a card is saved for the customer when the session says so", async () => {
  const customer = await stripe.customers.create({ email: "ada@example.com" })
  const payment_intent_data = { setup_future_usage: "off_session" as const }
  const session = await trip({ customer: customer.id, customer_email: undefined, payment_intent_data })
  await submit(session.url ?? "", card("4242424242424242"))
  const saved = await stripe.paymentMethods.list({ customer: customer.id, type: "card" })
  expect(saved.data.map((method) => method.card?.last4)).toEqual(["4242"])
  const again = await stripe.paymentIntents.create({
    amount: 5000,
    currency: "usd",
    customer: customer.id,
    payment_method: saved.data[0]?.id ?? "",
    off_session: true,
    confirm: true,
  })
  expect(again.status).toBe("succeeded")
})

test("a session's intent is ended through its session only", async () => {
  const session = await trip()
  await submit(session.url ?? "", card("4000000000000002"))
  const { payment_intent } = await stripe.checkout.sessions.retrieve(session.id)
  const intent = payment_intent as string
  for (const request of [
    stripe.paymentIntents.cancel(intent),
    stripe.paymentIntents.confirm(intent, { payment_method: "pm_card_visa" }),
    stripe.paymentIntents.update(intent, { amount: 100 }),
  ]) {
    expect((await refusal(request)).message).toContain("Expire the Checkout Session instead")
  }
  expect(await stripe.checkout.sessions.expire(session.id)).toMatchObject({ status: "expired", url: null })
  expect(await stripe.paymentIntents.retrieve(intent)).toMatchObject({ status: "canceled" })
})

test("an expired session takes no money: not on its page, not by a late 3-D Secure", async () => {
  const session = await trip()
  const challenge = await submit(session.url ?? "", card("4000002500003155"))
  await stripe.checkout.sessions.expire(session.id)
  await submit(challenge.location, { outcome: "complete" })
  expect(await submit(session.url ?? "", card("4242424242424242"))).toMatchObject({ status: 410 })
  const { payment_intent } = await stripe.checkout.sessions.retrieve(session.id, { expand: ["payment_intent"] })
  expect(payment_intent).toMatchObject({ status: "canceled", amount_received: 0 })
})

test("only an open session can be expired", async () => {
  const complete = await trip()
  await submit(complete.url ?? "", card("4242424242424242"))
  const expired = await stripe.checkout.sessions.expire((await trip()).id)
  for (const { id } of [complete, expired]) {
    const error = await refusal(stripe.checkout.sessions.expire(id))
    expect(error).toMatchObject({ statusCode: 400 })
    expect(error.message).toContain('Only Checkout Sessions with a status in ["open"] can be expired.')
  }
})

test("a session expires by itself when its time has come, and says so", async () => {
  const now = Math.floor(Date.now() / 1000)
  const session = await trip({ expires_at: now + 1800 })
  advance(1801)
  expect(await submit(session.url ?? "", card("4242424242424242"))).toMatchObject({ status: 410 })
  expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({ status: "expired", payment_intent: null })
  const events = await stripe.events.list({ type: "checkout.session.expired", limit: 1 })
  expect(events.data[0]?.data.object).toMatchObject({ id: session.id })
})

test("what a session cannot be made of is refused with the parameter named", async () => {
  const now = Math.floor(Date.now() / 1000)
  const create = (change: object) => refusal(trip(change))
  expect(await create({ expires_at: now + 60 })).toMatchObject({ statusCode: 400, param: "expires_at" })
  expect(await create({ success_url: "javascript:alert(1)" })).toMatchObject({
    code: "url_invalid",
    param: "success_url",
  })
  expect(await create({ success_url: undefined })).toMatchObject({ code: "parameter_missing", param: "success_url" })
  expect(await create({ line_items: [item("Fare", 49)] })).toMatchObject({ code: "amount_too_small" })
  expect(await create({ line_items: [item("Fare", 5000), item("Tax", 50, "eur")] })).toMatchObject({
    param: "line_items",
  })
  expect(await create({ customer: "cus_none", customer_email: undefined })).toMatchObject({
    statusCode: 400,
    code: "resource_missing",
    param: "customer",
  })
  expect(await create({ subscription_data: { trial_period_days: 3 } })).toMatchObject({ code: "parameter_unknown" })
})

test("an unknown payment page is not found", async () => {
  const session = await trip()
  const { status } = await fetch(`${new URL(session.url ?? "").origin}/c/pay/cs_test_none`)
  expect(status).toBe(404)
})

function item(name: string, unit_amount: number, currency = "usd") {
  return { quantity: 1, price_data: { currency, unit_amount, product_data: { name } } }
}

function trip(change: object = {}): Promise<Stripe.Checkout.Session> {
  return stripe.checkout.sessions.create({
    mode: "payment",
    customer_email: "ada@example.com",
    success_url: "https://shop.example/done?session={CHECKOUT_SESSION_ID}",
    cancel_url: "https://shop.example/back?a=1&b=2",
    line_items: [item('DEL → BOM <b>&"', 15_000), item("Seat", 500)],
    payment_intent_data: { metadata: { payment_id: "p-7" } },
    ...change,
  })
}
